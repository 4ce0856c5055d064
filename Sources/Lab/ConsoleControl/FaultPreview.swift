import Encoding
import FaultRules
import HTTP
import TraceContext
import Verification
import Vocabulary

/// Which of the newest requests a rule would have hit: decided by their trace ids, exactly as a service decides.
struct FaultPreview: Sendable {
    let tempo: TempoClient
    let loki: LokiClient
    let clock: WallClock

    /// The number of requests looked at.
    static let most = 120
    /// How far back they may lie.
    private static let reach: UInt64 = 24 * 3_600_000_000_000

    struct Request: Sendable, Equatable {
        var traceID: String
        /// Nanoseconds since the Unix epoch.
        var time: UInt64
        var isHit: Bool
    }

    /// The newest requests that `rule` concerns, newest first; empty for a rule that no request decides, and for one that
    /// matches what neither spans nor lines tell.
    /// - Parameter seed: the services' seed, for a rule without its own.
    /// - Throws: `BackendError`.
    func requests(of rule: FaultRule, seed: UInt64) async throws -> [Request] {
        guard let query = Self.query(rule) else { return [] }
        let now = clock.now()
        let range = now - min(now, Self.reach)..<now + 1_000_000_000
        var found = try await tempo.search(query, in: range, limit: rule.matches.isEmpty ? Self.most : Self.mostMatched)
        for match in rule.matches {
            guard let oldest = found.last?.startNS else { return [] }
            guard let traces = try await traces(with: match, in: oldest - min(oldest, Self.margin)..<range.upperBound)
            else { return [] }
            found.removeAll { !traces.contains($0.traceID) }
        }
        return found.prefix(Self.most).compactMap { trace in
            TraceID(trace.traceID).map { id in
                let explanation = FaultExplanation(rule, request: .trace(id), seed: seed)
                return Request(traceID: trace.traceID, time: trace.startNS, isHit: explanation.isHit)
            }
        }
    }

    /// The number of requests looked at for a rule that matches on their values.
    private static let mostMatched = 1000
    private static let mostLines = 10_000
    /// Lines may be a little older than their trace's first span.
    private static let margin: UInt64 = 5_000_000_000

    /// A TraceQL query for the traces with an operation that the rule concerns; `nil` for a rule for a whole service.
    static func query(_ rule: FaultRule) -> String? {
        guard rule.kind.scope == .request else { return nil }
        let places = ServiceOperation.all.filter {
            rule.concerns($0.service) && rule.operation ?? $0.name == $0.name
                && !($0.name == processing && rule.kind.needsRequest)
        }.map {
            "(resource.\(Attribute.serviceName) = \(quoted($0.service.rawValue)) && name = \(quoted($0.span)))"
        }
        return "{ (kind = server || kind = consumer) && (" + places.joined(separator: " || ") + ") }"
    }

    /// The operation that answers nobody.
    private static let processing = "process-task"

    // MARK: Values

    /// The traces of requests that have the value of a match, as their lines tell it; `nil` if lines do not tell.
    private func traces(with match: FaultMatch, in range: Range<UInt64>) async throws -> Set<String>? {
        guard let condition = Self.condition(match) else { return nil }
        let lines = try await loki.lines(
            LogStreams.ours + condition, in: range, limit: Self.mostLines, direction: .backward)
        return Set(lines.compactMap(\.traceID))
    }

    /// A stage that keeps the lines with the value of a match.
    private static func condition(_ match: FaultMatch) -> String? {
        guard [LogField.guildID, LogField.taskID, LogField.workload, LogField.requestID].contains(match.key) else {
            return nil
        }
        guard match.value.hasSuffix("*") else { return " | \(match.key)=\(quoted(match.value))" }
        return " | \(match.key)=~\(quoted(escaped(match.value.dropLast()) + ".*"))"
    }

    /// A text in which no character means anything to a regular expression.
    private static func escaped(_ text: some StringProtocol) -> String {
        text.map { $0.isLetter || $0.isNumber || "-_ ".contains($0) ? String($0) : "\\\($0)" }.joined()
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
