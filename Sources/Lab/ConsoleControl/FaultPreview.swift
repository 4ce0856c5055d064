import Encoding
import FaultRules
import HTTP
import TraceContext
import Verification
import Vocabulary

/// Which of the newest requests a rule would have hit: decided by their trace ids, exactly as a service decides.
struct FaultPreview: Sendable {
    let tempo: TempoClient
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

    /// The newest requests that `rule` concerns, newest first; empty for a rule that no request decides.
    /// - Parameter seed: the services' seed, for a rule without its own.
    /// - Throws: `BackendError`.
    func requests(of rule: FaultRule, seed: UInt64) async throws -> [Request] {
        guard let query = Self.query(rule) else { return [] }
        let now = clock.now()
        let found = try await tempo.search(
            query, in: now - min(now, Self.reach)..<now + 1_000_000_000, limit: Self.most)
        return found.compactMap { trace in
            TraceID(trace.traceID).map { id in
                let explanation = FaultExplanation(rule, request: .trace(id), seed: seed)
                return Request(traceID: trace.traceID, time: trace.startNS, isHit: explanation.isHit)
            }
        }
    }

    /// A TraceQL query for the traces of the requests that a rule concerns: those with a span of the operation, and with
    /// the values that it matches. `nil` for a rule for a whole service, and for one that matches a value which no
    /// span has.
    static func query(_ rule: FaultRule) -> String? {
        guard rule.kind.scope == .request else { return nil }
        let services = ServiceRole.allCases.filter(rule.concerns).map(\.rawValue)
        let operations = ServiceOperation.all.filter {
            services.contains($0.service.rawValue) && rule.operation ?? $0.name == $0.name
                && !($0.name == "process-task" && rule.kind.needsRequest)
        }
        let places = operations.map { operation in
            "resource.\(Attribute.serviceName) = \(quoted(operation.service.rawValue)) && name = \(quoted(operation.span))"
        }
        var parts = [
            "{ (kind = server || kind = consumer) && (" + places.map { "(\($0))" }.joined(separator: " || ") + ") }"
        ]
        for match in rule.matches {
            guard let attribute = attribute(match.key) else { return nil }
            let isPrefix = match.value.hasSuffix("*")
            let value = isPrefix ? escaped(match.value.dropLast()) + ".*" : match.value
            parts.append("{ span.\(attribute) \(isPrefix ? "=~" : "=") \(quoted(value)) }")
        }
        return parts.joined(separator: " && ")
    }

    /// The attribute with the value of one of ``FaultMatch/keys``.
    private static func attribute(_ key: String) -> String? {
        switch key {
        case LogField.guildID: Attribute.guildID
        case LogField.taskID: Attribute.taskID
        case LogField.workload: Attribute.workloadKind
        case LogField.requestID: Attribute.requestID
        default: nil
        }
    }

    /// A text in which no character means anything to a regular expression.
    private static func escaped(_ text: some StringProtocol) -> String {
        text.map { $0.isLetter || $0.isNumber || "-_ ".contains($0) ? String($0) : "\\\($0)" }.joined()
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
