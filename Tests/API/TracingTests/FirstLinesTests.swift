import Synchronization
import Testing
import Tracing

@Suite("The first lines that a user writes with a tracer", .serialized)
struct FirstLinesOfTracingTests {
    private enum Failure: Error { case any }

    /// One tracer a process: the test process has it bootstrapped here and nowhere else.
    private static let tracer: KeepingTracer = {
        let tracer = KeepingTracer()
        InstrumentationSystem.bootstrap(tracer)
        return tracer
    }()

    @Test("The free functions withSpan and startSpan make nested spans of the process's tracer")
    func freeFunctionsMakeNestedSpans() async throws {
        let tracer = Self.tracer
        tracer.spans.withLock { $0 = [] }
        let answer = withSpan("sync") { span in
            span.attributes["a"] = 1
            let child = startSpan("child", ofKind: .client)
            child.end()
            return 42
        }
        await #expect(throws: Failure.self) {
            try await withSpan("async", attributes: ["b": 2]) { _ in
                await Task.yield()
                throw Failure.any
            }
        }
        #expect(answer == 42)
        let spans = tracer.spans.withLock { $0 }
        #expect(spans.map(\.operationName) == ["sync", "child", "async"])
        #expect(spans.map(\.parent) == [nil, "sync", nil])
        #expect(spans.map(\.isEnded) == [true, true, true])
        #expect(spans.map(\.attributes) == [["a": 1], [:], ["b": 2]])
        #expect(spans.last?.failures == ["any"])
        #expect(ServiceContext.current == nil)
    }

    @Test("An attribute is set from a variable of any plain type")
    func anAttributeIsSetFromAVariable() {
        let span = KeepingSpan("x", .topLevel)
        let (text, count, port, share, flag) = ("a", 3, UInt16(8080), 0.5, true)
        let (texts, counts, shares) = (["a", "b"], [1, 2], [0.5])
        let (big, nothing): (UInt64, Int?) = (.max, nil)
        span.attributes["text"] = text
        span.attributes["count"] = count
        span.attributes["port"] = port
        span.attributes["share"] = share
        span.attributes["float"] = Float(share)
        span.attributes["flag"] = flag
        span.attributes["texts"] = texts
        span.attributes["counts"] = counts
        span.attributes["shares"] = shares
        span.attributes["big"] = big
        span.attributes["nothing"] = nothing
        #expect(
            span.attributes == [
                "text": .string("a"), "count": .int64(3), "port": .int64(8080), "share": .double(0.5),
                "float": .double(0.5), "flag": .bool(true), "texts": .stringArray(["a", "b"]),
                "counts": .int64Array([1, 2]), "shares": .stringArray(["0.5"]), "big": .int64(.max),
            ])
        span.attributes["count"] = nil
        span.attributes["text"] = "literal \(count)"
        span.updateAttributes {
            $0["port"] = nil
            $0["more"] = count
        }
        #expect(span.attributes["count"] == nil && span.attributes["port"] == nil)
        #expect(span.attributes["text"] == .string("literal 3") && span.attributes["more"] == .int64(3))
    }

    @Test("An event is added by its name, and a link by its span")
    func anEventIsAddedByNameAndALinkBySpan() {
        let span = KeepingSpan("x", .topLevel)
        span.addEvent("cache miss")
        span.addEvent(SpanEvent(name: "retry", attributes: ["attempt": 2]))
        span.addLink(KeepingSpan("other", .topLevel), attributes: ["why": "batch"])
        #expect(span.events == ["cache miss [:]", "retry [attempt]"])
        #expect(span.links == ["other [why]"])
    }
}

private enum NameKey: ServiceContextKey { typealias Value = String }

/// Keeps what is done to it.
private final class KeepingSpan: Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var events: [String] = []
        var links: [String] = []
        var failures: [String] = []
        var isEnded = false
    }

    let context: ServiceContext
    let parent: String?
    private let state: Mutex<State>

    init(_ name: String, _ parent: ServiceContext, _ attributes: SpanAttributes = [:]) {
        var context = parent
        self.parent = parent[NameKey.self]
        context[NameKey.self] = name
        self.context = context
        state = Mutex(State(name: name, attributes: attributes))
    }

    var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }
    var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }
    var events: [String] { state.withLock { $0.events } }
    var links: [String] { state.withLock { $0.links } }
    var failures: [String] { state.withLock { $0.failures } }
    var isEnded: Bool { state.withLock { $0.isEnded } }
    var isRecording: Bool { true }
    func setStatus(_ status: SpanStatus) {}
    func addEvent(_ event: SpanEvent) {
        state.withLock { $0.events.append("\(event.name) \(Self.text(event.attributes))") }
    }
    func recordError(_ error: any Error, attributes: SpanAttributes) {
        state.withLock { $0.failures.append("\(error)") }
    }
    func addLink(_ link: SpanLink) {
        state.withLock { $0.links.append("\(link.context[NameKey.self] ?? "?") \(Self.text(link.attributes))") }
    }
    func end(at nanosecondsSinceEpoch: UInt64?) { state.withLock { $0.isEnded = true } }

    private static func text(_ attributes: SpanAttributes) -> String {
        attributes.isEmpty ? "[:]" : "[" + attributes.map(\.key).joined(separator: ", ") + "]"
    }
}

private final class KeepingTracer: Tracer {
    let spans = Mutex<[KeepingSpan]>([])

    func startSpan(
        _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
        attributes: SpanAttributes
    ) -> any Span {
        let span = KeepingSpan(operationName, context, attributes)
        spans.withLock { $0.append(span) }
        return span
    }
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {}
}
