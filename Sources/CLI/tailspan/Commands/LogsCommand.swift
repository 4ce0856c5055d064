import Arguments
import Encoding
import EventLoop
import Logging
import Rendering
import Terminal
import Verification
import Vocabulary
import Workload

struct LogsCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "logs", abstract: "Shows log lines of all services",
        discussion: """
            Lines come from Loki, or from the pocket stack in its place; the newest are shown, oldest first. Without \
            --since they are those of the last hour, with --trace those of the last 7 days.
            """,
        examples: [
            .init("tailspan logs --level warning --since 10m", "What went wrong lately."),
            .init("tailspan logs --since 2026-11-27T14:00:00Z --until 2026-11-27T14:05:00Z", ""),
            .init("tailspan logs --trace 4bf92f35", "Of the trace whose id begins so."),
            .init("tailspan logs --follow --service gateway", "As it happens."),
        ],
        section: "Look")

    @Option("service", short: "s", value: "NAME", .notEmpty, help: "Only of this service.") var services: [String] = []
    @Option(
        "level", short: "l", value: "LEVEL", .oneOf(Logger.Level.allCases.map(\.rawValue)),
        help: "This level and above.")
    var level: String?
    @Option("grep", short: "g", value: "TEXT", .notEmpty, help: "Only lines that contain this.") var texts: [String] =
        []
    @Option(
        "trace", value: "TRACE-ID",
        help: "Only of this trace: its id, its first 4 hex digits or more, or a traceparent.")
    var trace: TraceReference?
    @ArgumentGroup var period: TimeRangeOptions
    @Option("limit", short: "n", value: "N", .range(1...1_000_000), help: "At most so many lines.") var limit = 200
    @Flag("follow", short: "f", help: "Goes on showing lines as they come.") var follow
    @ArgumentGroup var stores: LokiOptions
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes the lines as JSON, one object a line.") var json

    static let endsAtOnce = true

    func validate() throws(UsageError) {
        if follow, period.until != nil { throw UsageError("expected --follow or --until, not both") }
    }

    /// The default time range.
    private var usualPeriod: Duration { trace == nil ? .seconds(3600) : .seconds(7 * 86_400) }

    /// The LogQL query. Only a query without a trace or a named service is limited to the lines of our own services.
    /// - Parameter traceID: the whole id of the trace.
    func query(traceID: String?) -> String {
        var query = traceID == nil ? LogStreams.ours : LogStreams.all
        if !services.isEmpty {
            let names = services.map(Self.escaped).joined(separator: "|")
            query = "{service_name=~\(Self.quoted(names))}"
        }
        for text in texts { query += " |= \(Self.quoted(text))" }
        if let traceID { query += " | trace_id=\(Self.quoted(traceID))" }
        if let least = level.flatMap(Logger.Level.init(rawValue:)) {
            let levels = Logger.Level.allCases.filter { $0 >= least }.map(\.rawValue)
            // Lines that came over OTLP lack the label `level`, but have the level that Loki detected.
            let detected = Set(levels.map { $0 == "warning" ? "warn" : $0 == "notice" ? "info" : $0 }).sorted()
            query += " | level=~\(Self.quoted(levels.joined(separator: "|")))"
            query += " or detected_level=~\(Self.quoted(detected.joined(separator: "|")))"
        }
        return query
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let loki = stores.loki
        let client = LokiClient(baseURL: loki, tenant: stores.tenant, transport: loop.client)
        let finder = TraceFinder(tempo: nil, loki: client, clock: .monotonic(loop.eventLoop))
        let query = query(traceID: try await trace?.traceID(by: finder))
        var now = WallClock.system.now()
        let range = period.range(now: now, usual: usualPeriod, lead: Self.lead)
        let records = try await client.lines(query, in: range, limit: limit, direction: .backward)
        show(records, tools)
        guard follow else {
            if records.isEmpty {
                let period = period.description(usual: usualPeriod)
                tools.err.line(StyledText("no lines \(period) at \(loki)", .dim))
            }
            return ExitCode.success
        }
        // If the limit left out lines, those before the shown ones stay left out.
        let start = records.count == limit ? records.first?.timestampNS ?? range.lowerBound : range.lowerBound
        var recent = RecentLines(records, since: start)
        var complaint: BackendError?
        while true {
            try await loop.eventLoop.sleep(for: .seconds(1))
            now = WallClock.system.now()
            do {
                // Lines arrive late and out of order: the last seconds are queried repeatedly.
                let range = (now - RecentLines.span)..<(now + Self.lead)
                show(recent.new(among: try await client.lines(query, in: range), now: now), tools)
                complaint = nil
            } catch let error as BackendError {
                // Loki may come back; its absence is reported once.
                if error != complaint { tools.err.line(StyledText("\(error); trying again", .color(.yellow))) }
                complaint = error
            }
        }
    }

    /// A line's timestamp may be slightly ahead of now.
    private static let lead: UInt64 = 1_000_000_000

    private func show(_ records: [LogRecord], _ tools: Tools) {
        guard !records.isEmpty else { return }
        let records = records.inOrderOfTime
        if json {
            var output = ""
            for record in records {
                var writer = JSONWriter()
                record.write(to: &writer)
                output += TerminalText.escaped(json: writer.string) + "\n"
            }
            tools.out.write(output)
        } else {
            tools.out.lines(records.map { LogLineStyle.usual.render($0) })
        }
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).description }

    private static func escaped(_ name: String) -> String {
        name.reduce(into: "") { $0 += "\\.+*?()|[]{}^$".contains($1) ? "\\\($1)" : "\($1)" }
    }
}

/// Remembers which lines of the last seconds were already shown.
struct RecentLines {
    /// In nanoseconds: a line that arrives later than this after it was written is not shown while following.
    static let span: UInt64 = 30_000_000_000

    private struct Key: Hashable {
        var time: UInt64
        var line: String
        /// Distinguishes identical lines with the same time.
        var occurrence: Int
    }

    private var shown: Set<Key> = []
    /// No lines before this time are shown.
    private let start: UInt64

    /// The number of lines remembered.
    var count: Int { shown.count }

    /// `records` were shown; lines older than `start` are never shown.
    init(_ records: [LogRecord], since start: UInt64 = 0) {
        shown = Set(Self.keys(records))
        self.start = start
    }

    /// Those of `records`, which are all lines of the last ``span``, that were not shown before.
    mutating func new(among records: [LogRecord], now: UInt64) -> [LogRecord] {
        let keys = Self.keys(records)
        defer { shown = shown.filter { $0.time + Self.span + Self.span > now }.union(keys) }
        return zip(records, keys).filter { !shown.contains($0.1) && $0.0.timestampNS >= start }.map(\.0)
    }

    private static func keys(_ records: [LogRecord]) -> [Key] {
        var counts: [Key: Int] = [:]
        return records.map { record in
            var key = Key(time: record.timestampNS, line: record.line, occurrence: 0)
            counts[key, default: 0] += 1
            key.occurrence = counts[key] ?? 0
            return key
        }
    }
}
