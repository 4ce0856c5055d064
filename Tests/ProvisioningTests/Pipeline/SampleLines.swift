import Encoding
import HTTP
import Logging
import OTel
import Testing
import Tracing

@testable import PocketStack
@testable import ServiceKit

/// Lines as the services' own formatters write them.
enum SampleLines {
    static let span = SpanContext(
        traceID: TraceID(high: 0x4BF9_2F35_77B3_4DA6, low: 0xA3CE_929D_0E0E_4736),
        spanID: SpanID(value: 0x00F0_67AA_0BA9_02B7), traceFlags: .sampled)
    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let spanID = "00f067aa0ba902b7"
    /// 2026-11-20T16:32:01.123456Z
    static let time: UInt64 = 1_795_192_321_123_456_000

    private struct Failure: Error, CustomStringConvertible {
        var description: String { "no \"route\"  to=host\nat all" }
    }

    /// One line without its end.
    static func line(
        _ format: LogConfiguration.Format, _ level: Logger.Level = .info, _ message: String = "task done",
        _ fields: Logger.Metadata = [:], span: SpanContext? = SampleLines.span, requestID: String? = nil,
        fails: Bool = false
    ) -> String {
        var encoder = LogLineEncoder(
            format: format, identity: LogIdentity(service: "tasks", version: "1", environment: "demo"), source: false)
        var context = ServiceContext.topLevel
        context.spanContext = span
        context.requestID = requestID
        let error = fails ? Failure() : nil
        var output = ByteWriter()
        encoder.encode(
            LogEvent(level: level, message: message, metadata: fields, error: error, file: "Saga.swift", line: 12), [:],
            LogLine(context: context, error: error), at: time, to: &output)
        return String(output.string.dropLast())
    }

    /// Of every level, with and without ids, with values that must be quoted.
    static func all(_ format: LogConfiguration.Format) -> [String] {
        let fields: Logger.Metadata = [
            "component": "http.server", "operation": "POST /v1/tasks/{id}", "note": "trace_id=x  span_id=\"y\" = z",
            "path": "C:\\x", "duration_ms": 1.5, "list": .array([1, "a b"]), "nested": .dictionary(["level": "debug"]),
        ]
        return Logger.Level.allCases.flatMap { level in
            [
                line(format, level), line(format, level, span: nil),
                line(format, level, requestID: "r-9:a/b.c_D"), line(format, level, span: nil, requestID: "r-9"),
                line(format, level, "two  blanks = here", fields, requestID: "r-9"),
                line(format, level, "no ids", fields, span: nil), line(format, level, "", fields),
                line(format, level, "failed", fields, requestID: "r-9", fails: true),
            ]
        }
    }

    /// Lines that the services never write, but that must arrive.
    static let strange = [
        "this is garbage", #"{"timestamp":"2026-11-20T16:32:01.123Z","level":"info","message":"cut in the mid"#,
        #"{"level":"warning","message":"no time"}"#, #"{"level":"LOUD","message":"an invented level"}"#,
        #"{"timestamp":"soon","level":"info"}"#, #"{"level":{"a":1},"message":"a level that is none"}"#, "[1,2,3]",
        "null", "{}", "2026-11-20T10:00:00Z some other program  foo", "Größe und \u{1} Steuerzeichen",
    ]

    /// How the pocket stack's tailer files a line.
    static func tailed(_ line: String, service: String) throws -> PipelineRunner.Result {
        var splitter = LineSplitter(maximumLength: 1 << 18)
        var position = TailPosition()
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBufferPointer {
            splitter.take($0, of: service, &position, isLast: true, now: readAt)
        }
        let (batch, _) = splitter.takeBatch()
        let record = try #require(batch.records.first)
        var labels: [String: String] = [:]
        for member in try JSONValue(parsing: batch.streams[record.stream].labels).object?.members ?? [] {
            labels[member.name] = member.value.string
        }
        let metadata = Array(batch.bytes[record.metadata]).withUnsafeBufferPointer { LogMetadata.labels($0) }
        return PipelineRunner.Result(
            labels: labels, metadata: Dictionary(uniqueKeysWithValues: metadata.map { ($0.name, $0.value) }),
            time: record.time == readAt ? nil : UInt64(record.time))
    }

    private static let readAt = time + 1_000_000_000
}
