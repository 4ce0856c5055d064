import Encoding
import HTTP
import TraceContext
import Verification
import Vocabulary

/// Judges one trace and its lines by the rules of `verify` that need no plan of requests; see `LinkRules.ofOneTrace`,
/// which also says what the others need. A violation names its span, or the line that is at fault.
struct Verdict: Sendable {
    let reader: TraceReader
    let loki: LokiClient
    let keys: LineKeys
    let clock: WallClock

    /// Until then spans and lines may still be on their way: services export their spans in batches.
    private static let freshness: UInt64 = 12_000_000_000

    private enum State: String {
        case verified, broken, arriving, unknown
    }

    func judge(_ text: String) async throws -> Response {
        guard let id = TraceID(text)?.description else {
            throw HTTPError(.badRequest, type: "invalid-trace", message: "expected a trace id of 32 hex digits")
        }
        let reading = try await reader.read(id, .none)
        if let error = reading.withoutLines { throw error }
        let lines = try await self.lines(of: reading)
        let observed = ObservedTrace(traceID: id, trace: reading.trace, lines: lines)
        let isKnown = reading.trace != nil || !lines.isEmpty
        let results = isKnown ? LinkRules.check(observed.evidence, by: Self.rules(for: reading)) : []
        let state = state(of: results, reading, isKnown: isKnown)
        let held = results.filter(\.findings.violations.isEmpty)
        let culprits = results.flatMap(\.findings.violations).compactMap { Self.line(of: $0, among: lines) }
        let keys = await keys.keys(of: culprits)
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("state", state.rawValue)
                $0.member("held", held.count)
                $0.name("rules")
                $0.array { for result in results { Self.write(result, lines, keys, to: &$0) } }
                if state == .arriving { $0.member("missing", reading.missing) }
            }
        }
    }

    /// Whether it was sent as sampled is not known of a trace without spans.
    private static func rules(for reading: TraceReading) -> [any LinkRule] {
        LinkRules.ofOneTrace.filter { reading.trace != nil || $0.number != 17 }
    }

    private func state(of results: [RuleResult], _ reading: TraceReading, isKnown: Bool) -> State {
        guard isKnown else { return .unknown }
        let isBroken = results.contains { !$0.findings.violations.isEmpty }
        let isFresh = Self.newest(reading).map { clock.now() < $0 + Self.freshness } ?? false
        if isFresh, isBroken || !reading.isComplete { return .arriving }
        return isBroken ? .broken : .verified
    }

    /// When the last span ended, or the last line was written.
    private static func newest(_ reading: TraceReading) -> UInt64? {
        ((reading.trace?.spans ?? []).map(\.endNS) + reading.lines.map(\.timestampNS)).max()
    }

    /// The trace's lines, and those that name its requests under another trace or none.
    private func lines(of reading: TraceReading) async throws -> [LogRecord] {
        var lines = reading.lines
        let requests = ObservedTrace.requestIDs(of: lines, in: reading.traceID)
        for window in TraceWindows(reading.trace, now: clock.now()).ranges {
            for request in requests.prefix(8) {
                lines += try await loki.lines(LogStreams.lines(ofRequest: request), in: window)
                    .filter { $0.traceID != reading.traceID }
            }
        }
        return lines.sorted { $0.timestampNS < $1.timestampNS }
    }

    /// The line that a violation names by its text, or by the beginning of it.
    private static func line(of violation: Violation, among lines: [LogRecord]) -> LogRecord? {
        guard let text = violation.line else { return nil }
        return lines.first { $0.line == text } ?? lines.first { $0.line.hasPrefix(text) }
    }

    private static func write(
        _ result: RuleResult, _ lines: [LogRecord], _ keys: [LineKeys.Line: String], to json: inout JSONWriter
    ) {
        json.object {
            $0.member("number", result.rule.number)
            $0.member("title", result.rule.name)
            $0.member("explanation", result.rule.explanation)
            $0.member("holds", result.findings.violations.isEmpty)
            $0.name("violations")
            $0.array {
                for violation in result.findings.violations {
                    let line = line(of: violation, among: lines)
                    $0.object {
                        $0.member("text", violation.message)
                        $0.optional("service", violation.service)
                        $0.optional("span", violation.spanID)
                        $0.optional("line", line.flatMap { keys[LineKeys.Line($0)] })
                    }
                }
            }
        }
    }
}
