import Encoding
import HTTP
import Logging
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import LogOutput
@testable import LogQL
@testable import PocketStack
@testable import PocketStore

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
        var description: String { SampleLines.failure }
    }

    static let failure = "no \"route\"  to=host\nat all"

    /// A value for each field that a line may have and that becomes metadata; the line's own parts aside.
    static let fields: Logger.Metadata = [
        LogField.component: "http.client", LogField.operation: "POST /v1/tasks/{id}", LogField.status: 503,
        LogField.durationMS: 12.125, LogField.guildID: "g-7", LogField.channelID: "ch-7", LogField.taskID: "t-1694",
        LogField.reservationID: "r-t-1694", LogField.executorID: "exec-1", LogField.amount: 52,
        LogField.workload: "primes", LogField.state: "settled", LogField.size: 7191, LogField.memoryBytes: 65536,
        LogField.peer: "tasks", LogField.faultID: "leak,slow", LogField.faultKind: "latency",
    ]

    /// What a service has to say, before it is written as a line or sent as a record.
    struct Sample {
        var level = Logger.Level.info
        var message = "task done"
        var fields: Logger.Metadata = [:]
        var span: SpanContext? = SampleLines.span
        var requestID: String?
        var fails = false

        var context: ServiceContext {
            var context = ServiceContext.topLevel
            context.spanContext = span
            context.requestID = requestID
            return context
        }

        var event: LogEvent {
            LogEvent(
                level: level, message: message, metadata: fields, error: fails ? Failure() : nil, file: "Saga.swift",
                line: 12)
        }

        /// One line without its end.
        func line(_ format: LogConfiguration.Format) -> String {
            var encoder = LogLineEncoder(
                format: format, identity: LogIdentity(service: "tasks", version: "1", environment: "demo"),
                source: false)
            var output = ByteWriter()
            let event = event
            let origin = LogLine.Origin(context: context, error: event.error)
            event.lend { encoder.encode($0, [:], origin, at: time, to: &output) }
            return String(output.string.dropLast())
        }
    }

    static func line(
        _ format: LogConfiguration.Format, _ level: Logger.Level = .info, _ message: String = "task done",
        _ fields: Logger.Metadata = [:], span: SpanContext? = SampleLines.span, requestID: String? = nil,
        fails: Bool = false
    ) -> String {
        Sample(level: level, message: message, fields: fields, span: span, requestID: requestID, fails: fails)
            .line(format)
    }

    /// Of every level, with and without ids, with values that must be quoted.
    static let samples: [Sample] = {
        let odd: Logger.Metadata = [
            "component": "http.server", "operation": "POST /v1/tasks/{id}", "note": "trace_id=x  span_id=\"y\" = z",
            "path": "C:\\x", "duration_ms": 1.5, "list": .array([1, "a b"]), "nested": .dictionary(["level": "debug"]),
        ]
        var withErrorType = fields
        withErrorType.merge([LogField.errorType: "502"])
        var unsampled = span
        unsampled.traceFlags = []
        return Logger.Level.allCases.flatMap { level in
            [
                Sample(), Sample(span: nil), Sample(span: unsampled), Sample(requestID: "r-9:a/b.c_D"),
                Sample(span: nil, requestID: "r-9"),
                Sample(message: "two  blanks = here", fields: odd, requestID: "r-9"),
                Sample(message: "no ids", fields: odd, span: nil), Sample(message: "", fields: odd),
                Sample(message: "failed", fields: odd, requestID: "r-9", fails: true),
                Sample(message: "failed", fields: fields, requestID: "r-9", fails: true),
                Sample(message: "a=1  b=\"2", fields: withErrorType, span: nil, fails: true),
                Sample(message: "grüße  x=1  ", fields: ["note": "\u{1B}[0m  y=\"\u{7F}"], requestID: "r-9"),
            ].map { sample in
                var sample = sample
                sample.level = level
                return sample
            }
        }
    }()

    static func all(_ format: LogConfiguration.Format) -> [String] { samples.map { $0.line(format) } }

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
        return try result(of: splitter.takeBatch().0)
    }

    /// How the pocket stack has stored the first line.
    static func result(of batch: LogBatch) throws -> PipelineRunner.Result {
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
