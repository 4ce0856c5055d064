import Arguments
import Encoding
import Rendering
import Terminal
import Verification

struct TraceCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "trace", abstract: "Shows a trace as a waterfall, with its log lines",
        discussion: """
            Spans come from Tempo, log lines from Loki, or both from the pocket stack. A line stands under the span it was \
            written in, marked where it falls in time. Services send spans in batches, so a fresh trace is waited for until \
            it is complete, for about 10 s; an old one is shown at once.
            Exit codes: 0 the trace is shown, 1 there is none, 3 what is shown is incomplete.
            """,
        examples: [
            .init("tailspan trace 4bf92f35", "The one trace whose id begins so."),
            .init("tailspan trace --errors", "The newest one with an error; --last is the newest of all."),
            .init("tailspan trace --slowest --since 10m --until 5m", ""),
            .init("tailspan trace 4bf92f3577b34da6a3ce929d0e0e4736 --json | jq .spans[].name", ""),
        ],
        section: "Look")

    /// Only a part of the trace was shown.
    static let incomplete: Int32 = 3
    static let endsAtOnce = true

    @Positional("TRACE-ID", help: "The trace's id, its first 4 hex digits or more, or a whole traceparent.")
    var reference: TraceReference?
    @Flag("last", help: "Shows the newest trace.") var last
    @Flag("slowest", help: "Shows the slowest trace.") var slowest
    @Flag("errors", help: "Only traces with an error: the newest, or with --slowest the slowest.") var errors
    @Option("service", short: "s", value: "NAME", .notEmpty, help: "Only traces that this service had a part in.")
    var service: String?
    @ArgumentGroup var period: TimeRangeOptions
    @ArgumentGroup var backends: BackendOptions
    @Option(
        "wait", value: "TIME",
        help: "How long to wait until the trace is complete, however old it is; 0s shows what is there.")
    var patience: Duration?
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON.") var json

    /// Used if neither a beginning nor an end is given.
    private static let usualPeriod = Duration.seconds(3600)

    private var chooses: Bool { last || slowest || errors }

    func validate() throws(UsageError) {
        guard reference != nil || chooses else {
            throw UsageError("expected TRACE-ID, --last, --slowest or --errors")
        }
        if reference != nil, chooses { throw UsageError("expected TRACE-ID, or --last, --slowest, --errors, not both") }
        if last, slowest { throw UsageError("expected --last or --slowest, not both") }
        if reference != nil, service != nil || period.isGiven {
            throw UsageError("--service, --since and --until: expected with --last, --slowest or --errors")
        }
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let stores = TraceStores(backends, loop)
        let id: String
        if let reference {
            id = try await reference.traceID(by: stores.finder)
        } else {
            guard let found = try await choose(stores.finder, tools) else { return ExitCode.failure }
            id = found
        }
        let reading = try await stores.read(id, tools, patience.map { .upTo($0) } ?? .usual)
        if let error = reading.withoutLines {
            tools.err.line(StyledText("without log lines: \(error)", .color(.yellow)))
        }
        if reading.trace == nil, reading.lines.isEmpty {
            tools.fail("there is no trace \(id) at \(backends.tempo)\n" + Self.hint(id))
            return ExitCode.failure
        }
        let output = TraceOutput(reading: reading)
        if json {
            tools.out.json { output.write(to: &$0) }
        } else {
            tools.out.lines(output.lines(on: tools.out))
        }
        return reading.isComplete ? ExitCode.success : Self.incomplete
    }

    /// Finds the trace that the flags describe, and prints which it is; `nil` if there is none.
    private func choose(_ finder: TraceFinder, _ tools: Tools) async throws -> String? {
        let range = period.range(now: WallClock.system.now(), usual: Self.usualPeriod)
        let found = try await finder.find(
            slowest ? .slowest : .newest, service: service, hasErrors: errors, in: range)
        let kind = "trace" + (errors ? " with an error" : "") + (service.map { " of \($0)" } ?? "")
        let period = period.description(usual: Self.usualPeriod)
        guard let found else {
            tools.fail(
                "there is no \(kind) \(period) at \(backends.tempo)\n"
                    + "Send requests: tailspan load --rate 5 --duration 10s. Tempo's own search shows them after 30 s, "
                    + "the pocket stack's at once.")
            return nil
        }
        let root = [found.rootService, found.rootName].filter { !$0.isEmpty }.joined(separator: " ")
        // A search returns whole milliseconds.
        let length =
            switch found.durationMS {
            case ...0: "below 1 ms"
            case ..<1000: "\(found.durationMS) ms"
            default: Duration.milliseconds(Int64(clamping: found.durationMS)).short
            }
        tools.err.line(
            StyledText("the \(slowest ? "slowest" : "newest") \(kind) \(period): ", .dim)
                + StyledText(found.traceID) + StyledText("  \(root), \(length)", .dim))
        return found.traceID
    }

    private static func hint(_ id: String) -> String {
        "Spans are sent in batches and kept for a while: it may not be there yet, or not any more.\n"
            + "See whether log lines carry it: tailspan logs --trace \(id)"
    }
}
