import CommandLine
import Contracts
import Encoding
import EventLoop
import HTTP
import Verification

struct TraceCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "trace", abstract: "Shows a trace as a waterfall, with its log lines",
        discussion: """
            Spans come from Tempo, log lines from Loki, or both from the pocket stack. A line stands under the span it was \
            written in, marked where it falls in time.
            """,
        examples: [
            .init("tailspan trace 4bf92f3577b34da6a3ce929d0e0e4736", ""),
            .init("tailspan trace 4bf92f3577b34da6a3ce929d0e0e4736 --json | jq .spans[].name", ""),
        ],
        section: "Look")

    @Positional("TRACE-ID", help: "32 hex digits, or a whole traceparent.") var id: String
    @ArgumentGroup var backends: BackendOptions
    @Option(
        "wait", value: "TIME",
        help: "How long to wait for a trace that is not there yet: services send spans in batches.")
    var patience = Duration.zero
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON.") var json

    func validate() throws(UsageError) {
        if Self.traceID(in: id) == nil {
            throw UsageError("TRACE-ID: expected 32 hex digits or a traceparent, not '\(id)'")
        }
    }

    /// The trace id in what was typed: as it is, in capitals, or inside a `traceparent`.
    static func traceID(in text: String) -> String? {
        let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 4 else { return nil }
        let id = String(parts.count == 4 ? parts[1] : parts[0])
        let isWellFormed =
            id.utf8.count == 32 && id.utf8.allSatisfy { Hex.value($0) != nil } && id.contains { $0 != "0" }
        return isWellFormed ? id : nil
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        guard let id = Self.traceID(in: id) else { return ExitCode.usage }
        let source = TraceSource(backends, loop.client)
        guard let trace = try await find(id, source, loop.eventLoop) else {
            tools.fail("there is no trace \(id) at \(backends.tempo)\n" + Self.hint(id))
            return ExitCode.failure
        }
        var lines: [LogRecord] = []
        do {
            lines = try await source.lines(of: trace)
        } catch let error as BackendError {
            tools.err.line(StyledText("without log lines: \(error)", .color(.yellow)))
        }
        if json {
            tools.out.json { Self.write(trace, lines, to: &$0) }
        } else {
            tools.out.lines(Waterfall(trace, lines: lines).render(on: tools.out))
        }
        return ExitCode.success
    }

    private func find(_ id: String, _ source: TraceSource, _ eventLoop: EventLoop) async throws -> TraceData? {
        let start = ContinuousClock.now
        while true {
            if let trace = try await source.trace(id) { return trace }
            guard start.duration(to: .now) < patience else { return nil }
            try await eventLoop.sleep(for: .milliseconds(250))
        }
    }

    private static func hint(_ id: String) -> String {
        "Spans are sent in batches: a new trace may need some seconds (--wait 10s).\n"
            + "See whether log lines carry it: tailspan logs --trace \(id) --since 7d"
    }

    static func write(_ trace: TraceData, _ lines: [LogRecord], to json: inout JSONWriter) {
        json.object {
            $0.member("trace_id", trace.traceID)
            $0.name("services")
            $0.array { for service in trace.services { $0.value(service) } }
            $0.name("spans")
            $0.array { for span in trace.spans { write(span, to: &$0) } }
            $0.name("log_lines")
            $0.array { for line in lines { line.write(to: &$0) } }
        }
    }

    private static func write(_ span: SpanRecord, to json: inout JSONWriter) {
        json.object {
            $0.member("span_id", span.spanID)
            if let parent = span.parentSpanID { $0.member("parent_span_id", parent) }
            $0.member("service", span.service)
            $0.member("name", span.name)
            $0.member("kind", span.kind.rawValue)
            $0.member("start_unix_nano", span.startNS)
            $0.member("duration_ms", Double(span.durationNS) / 1e6)
            $0.member("error", span.statusError)
            if !span.statusMessage.isEmpty { $0.member("status_message", span.statusMessage) }
            $0.name("attributes")
            $0.object { for attribute in span.attributes { $0.member(attribute.name, attribute.value) } }
        }
    }
}

/// Where traces and their lines are asked for.
struct TraceSource: Sendable {
    private let tempo: TempoClient
    private let loki: LokiClient

    init(_ backends: BackendOptions, _ transport: any HTTPTransport) {
        self.init(tempo: backends.tempo, loki: backends.loki, transport)
    }

    init(tempo: String, loki: String, _ transport: any HTTPTransport) {
        self.tempo = TempoClient(baseURL: tempo, transport: transport)
        self.loki = LokiClient(baseURL: loki, transport: transport)
    }

    func trace(_ id: String) async throws -> TraceData? { try await tempo.trace(id: id) }

    /// Lines may be written a little before the first span and after the last one.
    func lines(of trace: TraceData) async throws -> [LogRecord] {
        let margin: UInt64 = 300_000_000_000
        let start = trace.spans.map(\.startNS).min() ?? 0
        let end = trace.spans.map(\.endNS).max() ?? 0
        return try await loki.lines(traceID: trace.traceID, in: (start > margin ? start - margin : 0)..<(end + margin))
    }
}

extension LogRecord {
    /// The line's own object, or what is known of a line that is none.
    func write(to json: inout JSONWriter) {
        if format == .json { return json.value(.object(fields)) }
        json.object {
            $0.member(LogField.timestamp, RFC3339.string(nanosecondsSinceEpoch: momentNS))
            if let level { $0.member(LogField.level, level) }
            if let service { $0.member(LogField.service, service) }
            $0.member(LogField.message, message)
            if let traceID { $0.member(LogField.traceID, traceID) }
            if let spanID { $0.member(LogField.spanID, spanID) }
        }
    }
}
