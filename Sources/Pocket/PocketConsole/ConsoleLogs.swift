import Encoding
import HTTP
import Logging
import PocketStore
import TraceContext
import Vocabulary

/// A log line as the console shows it.
struct ConsoleLogLine: Sendable, Equatable {
    /// Nanoseconds since the Unix epoch.
    var time: UInt64
    var level: String
    var service: String
    var message: String
    var traceID: TraceID?
    var spanID: SpanID?
    /// The other fields of a JSON line, as `name=value`.
    var details = ""
}

/// Reads log lines through the Loki API in the same process, in memory.
struct ConsoleLogs: Sendable {
    private let loki: any HTTPResponder
    private let database: PocketDatabase

    /// - Parameter database: parses large answers on its own thread.
    init(loki: any HTTPResponder, database: PocketDatabase) {
        self.loki = loki
        self.database = database
    }

    /// Why there are no lines, for people to read.
    struct Problem: Error { var message: String }

    /// The lines that match `query`, newest first, or oldest first if `forward`.
    func lines(
        _ query: String, limit: Int, range: ClosedRange<UInt64>? = nil, forward: Bool = false, logger: Logger
    ) async throws -> [ConsoleLogLine] {
        var uri = "/loki/api/v1/query_range?query=\(PercentEncoding.encode(query))&limit=\(limit)"
        uri += "&direction=\(forward ? "forward" : "backward")"
        if let range { uri += "&start=\(range.lowerBound)&end=\(range.upperBound)" }
        let response = try await loki.respond(to: Request(uri: uri), context: RequestContext(logger: logger))
        guard response.status == .ok else {
            throw Problem(message: String(decoding: response.body, as: UTF8.self))
        }
        return try await database.work { try Self.lines(in: response.body, limit: limit, forward: forward) }
    }

    private static func lines(in body: [UInt8], limit: Int, forward: Bool) throws -> [ConsoleLogLine] {
        let answer = try JSONValue(parsing: body)
        guard answer["data"]?["resultType"] == "streams" else {
            throw Problem(message: "expected a query for log lines, such as {service=\"gateway\"} |= \"error\"")
        }
        var lines: [ConsoleLogLine] = []
        for stream in answer["data"]?["result"]?.array ?? [] {
            let labels = stream["stream"]?.object ?? JSONObject()
            lines += (stream["values"]?.array ?? []).compactMap { Self.line(labels, $0) }
        }
        lines.sort { forward ? $0.time < $1.time : $0.time > $1.time }
        return Array(lines.prefix(limit))
    }

    /// All lines of a trace, oldest first.
    func lines(of trace: TraceID, range: ClosedRange<UInt64>, logger: Logger) async throws -> [ConsoleLogLine] {
        try await lines(Self.query(of: trace), limit: 1000, range: range, forward: true, logger: logger)
    }

    /// The query for all lines of a trace.
    static func query(of trace: TraceID) -> String { LogStreams.lines(ofTrace: trace.description) }

    /// Fields with a column of their own, and fields with the same value on every line.
    private static let quiet: Set = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
    ]

    private static func details(of fields: JSONObject) -> String {
        fields.members.filter { !quiet.contains($0.name) }.map { name, value in
            "\(name)=\(value.string ?? value.description)"
        }.joined(separator: " ")
    }

    /// A JSON line has more than its labels; any other line is its own message.
    private static func line(_ labels: JSONObject, _ entry: JSONValue) -> ConsoleLogLine? {
        guard let text = entry[0]?.string, let time = UInt64(text), let line = entry[1]?.string else { return nil }
        // Lines need not be JSON.
        let fields = (try? JSONValue(parsing: Array(line.utf8)))?.object ?? JSONObject()
        func field(_ name: String) -> String? { labels[name]?.string ?? fields[name]?.string }
        return ConsoleLogLine(
            time: time, level: field(LogField.level) ?? field(LokiMetadata.detectedLevel) ?? "",
            service: field(LogField.service) ?? field(LokiShape.serviceName) ?? "",
            message: shown(fields[LogField.message]?.string ?? line),
            traceID: field(LogField.traceID).flatMap { TraceID($0) },
            spanID: field(LogField.spanID).flatMap { SpanID($0) },
            details: shown(details(of: fields)))
    }

    /// The maximum number of bytes shown of a message, and of its fields: a line may have 256 KiB, and a page a
    /// thousand lines.
    private static let maximumShown = 4096

    private static func shown(_ text: String) -> String {
        guard text.utf8.count > maximumShown else { return text }
        var cut = String(decoding: text.utf8.prefix(maximumShown), as: UTF8.self)
        // A character that was cut in half.
        if cut.last == "\u{FFFD}" { cut.removeLast() }
        return cut + "…"
    }
}
