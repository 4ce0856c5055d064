import Synchronization
import Testing
import Tracing

@Suite("The tracer")
struct TracerTests {
    private enum Depth: ServiceContextKey { typealias Value = Int }
    private struct Failure: Error {}

    /// A tracer that notes what is done to its spans.
    private final class NotingTracer: Tracer {
        let notes = Mutex<[String]>([])

        final class NotingSpan: Span {
            let context: ServiceContext
            let tracer: NotingTracer
            let name: String
            init(_ name: String, _ context: ServiceContext, _ tracer: NotingTracer) {
                self.name = name
                self.context = context
                self.tracer = tracer
            }
            func note(_ text: String) { tracer.notes.withLock { $0.append(name + " " + text) } }
            var operationName: String {
                get { name }
                set {}
            }
            var attributes: SpanAttributes {
                get { [:] }
                set {}
            }
            var isRecording: Bool { true }
            func setStatus(_ status: SpanStatus) { note("\(status.code) \(status.message ?? "")") }
            func addEvent(_ event: SpanEvent) { note(event.name) }
            func recordError(_ error: any Error, attributes: SpanAttributes) { note("recorded \(error)") }
            func addLink(_ link: SpanLink) {}
            func end(at nanosecondsSinceEpoch: UInt64?) { note("end") }
        }

        func startSpan(
            _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
            attributes: SpanAttributes
        ) -> any Span {
            var context = context
            context[Depth.self] = (context[Depth.self] ?? 0) + 1
            return NotingSpan(operationName, context, self)
        }
        func extract<Carrier, Extract: Extractor>(
            _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
        ) where Extract.Carrier == Carrier {}
        func inject<Carrier, Inject: Injector>(
            _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
        ) where Inject.Carrier == Carrier {}
    }

    @Test func aSpanIsCurrentWithinItsScope() async {
        let tracer = NotingTracer()
        let inner = await tracer.withSpan("outer") { _ in
            await Task.yield()
            return tracer.withSpan("inner") { _ in ServiceContext.current?[Depth.self] }
        }
        #expect(inner == 2)
        #expect(ServiceContext.current == nil)
        #expect(tracer.notes.withLock { $0 } == ["inner end", "outer end"])
    }

    @Test func aThrownErrorIsRecordedAndSetsTheStatus() async {
        let tracer = NotingTracer()
        #expect(throws: Failure.self) { try tracer.withSpan("sync") { _ in throw Failure() } }
        await #expect(throws: Failure.self) {
            try await tracer.withSpan("async") { _ in
                await Task.yield()
                throw Failure()
            }
        }
        #expect(
            tracer.notes.withLock { $0 } == [
                "sync recorded Failure()", "sync error Failure()", "sync end", "async recorded Failure()",
                "async error Failure()", "async end",
            ])
    }

    @Test func aGivenContextReplacesTheCurrentOne() {
        let tracer = NotingTracer()
        var given = ServiceContext.topLevel
        given[Depth.self] = 10
        tracer.withSpan("outer") { _ in
            #expect(tracer.startSpan("child").context[Depth.self] == 2)
            #expect(tracer.startSpan("other", context: given).context[Depth.self] == 11)
        }
    }

    @Test func theNoOpTracerPassesTheContextOn() {
        var context = ServiceContext.topLevel
        context[Depth.self] = 7
        let span = NoOpTracer().startSpan("x", context: context)
        span.attributes["a"] = 1
        span.operationName = "y"
        span.end()
        #expect(span.context[Depth.self] == 7)
        #expect(!span.isRecording)
        #expect(span.attributes.isEmpty)
    }

    @Test func aDictionaryCarriesContext() {
        var carrier: [String: String] = [:]
        DictionaryCarrier().inject("1", forKey: "a", into: &carrier)
        DictionaryCarrier().inject("2", forKey: "a", into: &carrier)
        #expect(DictionaryCarrier().extract(key: "a", from: carrier) == "2")
        #expect(DictionaryCarrier().extract(key: "A", from: carrier) == nil)
    }
}
