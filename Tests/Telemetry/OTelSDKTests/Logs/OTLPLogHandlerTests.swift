import Encoding
import Logging
import Synchronization
import Testing
import Tracing

@testable import OTelSDK
@testable import TraceContext

/// Keeps log records.
final class RecordingLogProcessor: LogRecordProcessor {
    private let stored = Mutex<[LogRecordData]>([])
    var records: [LogRecordData] { stored.withLock { $0 } }
    func onEmit(_ record: LogRecordData) { stored.withLock { $0.append(record) } }
    func forceFlush() async {}
    func shutdown() async {}
}

@Suite("The OTLP log handler")
struct OTLPLogHandlerTests {
    let processor = RecordingLogProcessor()

    private func logger(level: Logger.Level = .trace, metadata: Logger.Metadata = [:]) -> Logger {
        Logger(
            label: "test",
            handler: OTLPLogHandler(
                processor: processor, logLevel: level, metadata: metadata,
                clock: WallClock { 1_700_000_000_000_000_007 }))
    }

    @Test(
        "Levels become severity numbers and texts",
        arguments: zip(Logger.Level.allCases, [1, 5, 9, 10, 13, 17, 21]))
    func levelsBecomeSeverities(level: Logger.Level, number: Int) {
        logger().log(level: level, "message")
        #expect(processor.records.map(\.severityNumber) == [number])
        #expect(processor.records.map(\.severityText) == [level.rawValue])
    }

    @Test("A record has the message, the times and the fields, and a line's field wins")
    func aRecordHasMessageTimesAndFields() throws {
        logger(metadata: ["a": 1, "b": "logger"]).info("hello", metadata: ["b": "line", "c": 0.5, "d": true])
        let record = try #require(processor.records.first)
        #expect(record.body == "hello")
        #expect(record.timestamp == 1_700_000_000_000_000_007)
        #expect(record.observedTimestamp == record.timestamp)
        #expect(record.attributes == ["a": 1, "b": "line", "c": 0.5, "d": true])
        #expect(record.spanContext == nil)
    }

    @Test("Nested fields are flattened, and lists are kept or printed")
    func nestedFieldsAreFlattened() throws {
        logger().info(
            "hello",
            metadata: [
                "http": .dictionary(["status": 200, "request": .dictionary(["id": "x"])]), "numbers": .array([1, 2]),
                "texts": .array(["a", "b"]), "mixed": .array([1, "b", .dictionary(["c": 3])]), "none": .array([]),
            ])
        #expect(
            try #require(processor.records.first).attributes == [
                "http.status": 200, "http.request.id": "x", "numbers": .int64Array([1, 2]), "texts": ["a", "b"],
                "mixed": ["1", "b", "{c: 3}"], "none": [],
            ])
    }

    private struct Broken: Error, CustomStringConvertible { let description = "it broke" }

    @Test("An error becomes an exception")
    func anErrorBecomesAnException() throws {
        logger().error("failed", error: Broken())
        let attributes = try #require(processor.records.first).attributes
        #expect(attributes["exception.message"] == "it broke")
        guard case .string(let type)? = attributes["exception.type"] else {
            Issue.record("there is no exception.type")
            return
        }
        #expect(type.hasSuffix("Broken"))
    }

    @Test("A record carries the span of the current context")
    func aRecordCarriesTheCurrentSpan() throws {
        let span = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: .sampled, traceState: "a=b")
        var context = ServiceContext.topLevel
        context.spanContext = span
        ServiceContext.withValue(context) { logger().info("inside") }
        #expect(try #require(processor.records.first).spanContext == span)
    }

    @Test("Lines below the level are not exported")
    func linesBelowTheLevelAreNotExported() {
        let logger = logger(level: .warning)
        logger.info("quiet")
        logger.warning("loud")
        #expect(processor.records.map(\.body) == ["loud"])
    }
}
