import Synchronization
import Testing
import Tracing

@testable import Encoding
@testable import OTelSDK
@testable import TraceContext

@Suite("The SDK's span")
struct OTelSpanTests {
    let exporter = InMemorySpanExporter()
    let wall = Clock(1_000_000)
    let monotonic = Clock(500)

    /// A clock that a test turns, backwards too.
    final class Clock: Sendable {
        private let value: Mutex<UInt64>
        init(_ value: UInt64) { self.value = Mutex(value) }
        var now: UInt64 {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    private func tracer(_ limits: SpanLimits = SpanLimits()) -> OTelTracer {
        OTelTracer(
            processor: exporter, limits: limits, ids: .seeded(1),
            clock: TraceClock(wall: WallClock { [wall] in wall.now }, monotonic: { [monotonic] in monotonic.now }))
    }

    private func span(_ limits: SpanLimits = SpanLimits(), attributes: SpanAttributes = [:]) -> any Span {
        tracer(limits).startSpan("span", context: .topLevel, attributes: attributes)
    }

    private func data() throws -> SpanData { try #require(exporter.spans.last) }

    // MARK: - Time

    @Test func theMonotonicClockMeasuresTheDuration() throws {
        let span = span()
        monotonic.now += 250
        wall.now = 1  // Someone sets the clock back.
        span.end()
        #expect(try data().startTime == 1_000_000)
        #expect(try data().endTime == 1_000_250)
    }

    @Test func theClockOffsetIsMeasuredAgainWhenItIsOld() throws {
        let clock = TraceClock(
            wall: WallClock { [wall] in wall.now }, maximumAge: 100, monotonic: { [monotonic] in monotonic.now })
        #expect(clock.start().now == 1_000_000)
        wall.now = 5_000_000
        monotonic.now += 99
        #expect(clock.start().now == 1_000_099)
        monotonic.now += 1
        let (now, offset) = clock.start()
        #expect(now == 5_000_000)
        monotonic.now += 7
        #expect(clock.now(offset: offset) == 5_000_007)
    }

    @Test func startAndEndTimesCanBeGiven() throws {
        let span = tracer().startSpan("x", context: .topLevel, ofKind: .internal, at: 10, attributes: [:])
        span.end(at: 30)
        #expect(try data().startTime == 10)
        #expect(try data().endTime == 30)
    }

    @Test func noSpanEndsBeforeItStarts() throws {
        let span = tracer().startSpan("x", context: .topLevel, ofKind: .internal, at: 5_000_000, attributes: [:])
        span.end(at: 3)
        #expect(try data().endTime == 5_000_000)
        let future = tracer().startSpan("x", context: .topLevel, ofKind: .internal, at: 9_000_000, attributes: [:])
        future.end()
        #expect(try data().endTime == 9_000_000)
    }

    // MARK: - What a span holds

    @Test func everyPropertyOfASpanIsExported() throws {
        let span = span(attributes: ["a": 1])
        span.operationName = "renamed"
        span.attributes["b"] = "x"
        span.attributes["a"] = 2
        span.attributes.merge(["c": true])
        monotonic.now += 5
        span.addEvent(SpanEvent(name: "event", attributes: ["e": 1]))
        span.addEvent(SpanEvent(name: "timed", at: 77))
        var other = ServiceContext.topLevel
        other.spanContext = SpanContext(traceID: TraceID(high: 9, low: 9), spanID: SpanID(value: 9), traceFlags: [])
        span.addLink(SpanLink(context: other, attributes: ["l": 1]))
        span.setStatus(SpanStatus(code: .error, message: "why"))
        span.end()
        let data = try data()
        #expect(data.name == "renamed")
        #expect(data.attributes == ["a": 2, "b": "x", "c": true])
        #expect(
            data.events == [
                SpanEvent(name: "event", at: 1_000_005, attributes: ["e": 1]), SpanEvent(name: "timed", at: 77),
            ])
        #expect(data.links.map(\.context.spanContext) == [other.spanContext])
        #expect(data.links.map(\.attributes) == [["l": 1]])
        #expect(data.status == SpanStatus(code: .error, message: "why"))
    }

    @Test func attributesCanBeReadAndRemoved() throws {
        let span = span(attributes: ["a": 1])
        #expect(span.attributes["a"] == 1)
        span.attributes["a"] = nil
        #expect(span.attributes.isEmpty)
        span.attributes = ["z": 1]
        span.end()
        #expect(try data().attributes == ["z": 1])
    }

    @Test func onlyTheFirstEndCounts() throws {
        let span = span()
        #expect(span.isRecording)
        span.end(at: 2_000_000)
        #expect(!span.isRecording)
        span.end(at: 3_000_000)
        #expect(exporter.spans.count == 1)
        #expect(try data().endTime == 2_000_000)
    }

    @Test func changesAfterTheEndAreIgnored() throws {
        let span = span(attributes: ["a": 1])
        span.end()
        span.attributes["a"] = 2
        span.attributes["b"] = 1
        span.operationName = "late"
        span.addEvent(SpanEvent(name: "late"))
        span.addLink(SpanLink(context: .topLevel))
        span.setStatus(SpanStatus(code: .ok))
        span.recordError(CancellationError())
        #expect(span.attributes == ["a": 1])
        #expect(span.operationName == "span")
        #expect(try data().attributes == ["a": 1])
        #expect(try data().events.isEmpty)
    }

    // MARK: - Status

    @Test func anOKStatusIsFinal() throws {
        let span = span()
        span.setStatus(SpanStatus(code: .error, message: "first"))
        span.setStatus(SpanStatus(code: .error, message: "second"))
        span.setStatus(SpanStatus(code: .ok, message: "no message for ok"))
        span.setStatus(SpanStatus(code: .error, message: "too late"))
        span.end()
        #expect(try data().status == SpanStatus(code: .ok))
    }

    @Test func theLastErrorStatusWins() throws {
        let span = span()
        span.setStatus(SpanStatus(code: .error, message: "first"))
        span.setStatus(SpanStatus(code: .error, message: "second"))
        span.end()
        #expect(try data().status == SpanStatus(code: .error, message: "second"))
    }

    @Test func aSpanWithoutAStatusExportsNone() throws {
        span().end()
        #expect(try data().status == nil)
    }

    // MARK: - Errors

    private struct Failure: StackTraceError, CustomStringConvertible {
        var description: String { "it broke" }
        var stackTrace: String { "frame 1\nframe 2" }
    }

    @Test func anErrorBecomesAnExceptionEvent() throws {
        let span = span()
        span.fail(Failure())
        span.end()
        let event = try #require(try data().events.first)
        #expect(event.name == "exception")
        #expect(event.attributes["exception.type"] == "OTelSDKTests.OTelSpanTests.Failure")
        #expect(event.attributes["exception.message"] == "it broke")
        #expect(event.attributes["exception.stacktrace"] == "frame 1\nframe 2")
        #expect(event.nanosecondsSinceEpoch == 1_000_000)
        #expect(try data().status == SpanStatus(code: .error, message: "it broke"))
    }

    @Test func givenAttributesOverrideThoseOfTheError() throws {
        let span = span()
        span.recordError(CancellationError(), attributes: ["exception.message": "mine", "exception.escaped": true])
        span.end()
        let attributes = try #require(try data().events.first).attributes
        #expect(attributes["exception.type"] == "Swift.CancellationError")
        #expect(attributes["exception.message"] == "mine")
        #expect(attributes["exception.escaped"] == true)
        #expect(attributes["exception.stacktrace"] == nil)
        #expect(try data().status == nil)
    }

    @Test func theTypeOfALocalErrorIsTheSameInEveryBuild() {
        struct Local: Error {}
        #expect(!ErrorTypeName.of(Local()).contains("0x"))
        #expect(!ErrorTypeName.of(Local()).contains("unknown context"))
        #expect(ErrorTypeName.of(Local()).hasSuffix("Local"))
    }

    // MARK: - Limits

    @Test func attributesBeyondTheLimitAreDroppedAndCounted() throws {
        let span = span(SpanLimits(attributeCount: 2), attributes: ["a": 1, "b": 2, "c": 3])
        span.attributes["d"] = 4
        span.attributes["a"] = 5
        span.attributes.merge(["e": 1, "f": 1, "b": 6])
        span.end()
        #expect(try data().attributes == ["a": 5, "b": 6])
        #expect(try data().droppedAttributesCount == 4)
    }

    @Test func longTextsAreTruncated() throws {
        let span = span(SpanLimits(attributeValueLength: 3), attributes: ["a": "abcdef", "n": 123456])
        span.attributes["b"] = "éèêë"
        span.attributes["c"] = ["abcd", "x"]
        span.addEvent(SpanEvent(name: "e", attributes: ["t": "abcdef"]))
        span.end()
        #expect(try data().attributes == ["a": "abc", "n": 123456, "b": "éèê", "c": ["abc", "x"]])
        #expect(try data().events.first?.attributes == ["t": "abc"])
        #expect(try data().droppedAttributesCount == 0)
    }

    @Test func eventsAndLinksBeyondTheLimitAreDroppedAndCounted() throws {
        let span = span(
            SpanLimits(eventCount: 2, linkCount: 1, attributeCountPerEvent: 1, attributeCountPerLink: 1))
        for index in 1...5 { span.addEvent(SpanEvent(name: "\(index)", attributes: ["a": 1, "b": 2])) }
        for _ in 1...4 { span.addLink(SpanLink(context: .topLevel, attributes: ["a": 1, "b": 2])) }
        span.end()
        #expect(try data().events.map(\.name) == ["1", "2"])
        #expect(try data().events.map(\.attributes) == [["a": 1], ["a": 1]])
        #expect(try data().droppedEventsCount == 3)
        #expect(try data().links.map(\.attributes) == [["a": 1]])
        #expect(try data().droppedLinksCount == 3)
    }

    // MARK: - Threads

    @Test func aSpanCanBeChangedFromManyThreads() async throws {
        let span = span(SpanLimits(attributeCount: 1000, eventCount: 1000))
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    for index in 0..<100 {
                        span.attributes["\(thread)/\(index)"] = .int64(Int64(index))
                        span.addEvent(SpanEvent(name: "\(thread)/\(index)"))
                    }
                }
            }
        }
        span.end()
        #expect(try data().attributes.count == 800)
        #expect(try data().events.count == 800)
    }

    @Test func aSpanEndedByManyThreadsIsExportedOnce() async {
        let span = span()
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { span.end() } }
        }
        #expect(exporter.spans.count == 1)
    }
}
