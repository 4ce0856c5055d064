import Testing
import Tracing

@testable import OTelSDK
@testable import TraceContext

@Suite("The SDK's tracer")
struct OTelTracerTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"

    let exporter = InMemorySpanExporter()
    let metrics = TestMetrics()

    private func tracer(
        _ sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler()), ids: IDGenerator = .seeded(1)
    )
        -> OTelTracer
    { OTelTracer(processor: exporter, sampler: sampler, ids: ids, metrics: metrics) }

    private func remote(_ flags: TraceFlags, traceState: String = "") -> ServiceContext {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 0xAA, low: 0xBB), spanID: SpanID(value: 0xCC), traceFlags: flags,
            traceState: traceState, isRemote: true)
        return context
    }

    @Test func aRootStartsATraceWithRandomIDs() throws {
        let span = tracer().startSpan("root", context: .topLevel)
        let context = try #require(span.context.spanContext)
        #expect(context.isValid)
        #expect(!context.isRemote)
        #expect(context.traceFlags == [.sampled, .random])
        span.end()
        let data = try #require(exporter.spans.first)
        #expect(data.context == context)
        #expect(data.parentSpanID == nil)
        #expect(!data.parentIsRemote)
    }

    @Test func theRandomFlagIsSetOnlyForRandomIDs() {
        let ids = IDGenerator(isRandom: false) { 5 }
        let context = tracer(ids: ids).startSpan("root", context: .topLevel).context.spanContext
        #expect(context?.traceFlags == .sampled)
    }

    @Test func aChildBelongsToTheTraceOfItsParent() throws {
        let tracer = tracer()
        tracer.withSpan("parent") { _ in tracer.withSpan("child", ofKind: .client) { _ in } }
        let (child, parent) = (exporter.spans[0], exporter.spans[1])
        #expect(child.context.traceID == parent.context.traceID)
        #expect(child.context.spanID != parent.context.spanID)
        #expect(child.parentSpanID == parent.context.spanID)
        #expect(!child.parentIsRemote)
        #expect(child.kind == .client)
        #expect(child.name == "child")
    }

    @Test func aRemoteParentIsContinued() throws {
        let span = tracer().startSpan(
            "server", context: remote([.sampled, .random], traceState: "a=1"), ofKind: .server)
        span.end()
        let data = try #require(exporter.spans.first)
        #expect(data.context.traceID == TraceID(high: 0xAA, low: 0xBB))
        #expect(data.parentSpanID == SpanID(value: 0xCC))
        #expect(data.parentIsRemote)
        #expect(!data.context.isRemote)
        #expect(data.context.traceState == "a=1")
    }

    /// Trace Context Level 2: the random flag is passed on as it came, set or not, whatever the sampling decision.
    @Test(arguments: [TraceFlags(), .random, .sampled, [.sampled, .random]])
    func theRandomFlagOfTheParentIsKept(_ flags: TraceFlags) {
        for sampler in [AlwaysOnSampler(), AlwaysOffSampler()] as [any Sampler] {
            let context = tracer(sampler).startSpan("x", context: remote(flags)).context.spanContext
            #expect(context?.traceFlags.contains(.random) == flags.contains(.random))
        }
    }

    @Test func anUnsampledSpanRecordsNothingButIsPassedOn() throws {
        let tracer = tracer()
        let span = tracer.startSpan("x", context: remote([], traceState: "a=1"))
        #expect(!span.isRecording)
        span.attributes["a"] = 1
        #expect(span.attributes.isEmpty)
        let context = try #require(span.context.spanContext)
        #expect(context.traceID == TraceID(high: 0xAA, low: 0xBB))
        #expect(context.spanID != SpanID(value: 0xCC))
        #expect(context.traceFlags == [])
        #expect(context.traceState == "a=1")
        var carrier: [String: String] = [:]
        tracer.inject(span.context, into: &carrier, using: DictionaryCarrier())
        #expect(carrier["traceparent"] == "00-00000000000000aa00000000000000bb-\(context.spanID)-00")
        span.end()
        #expect(exporter.spans.isEmpty)
        // Its children are not sampled either.
        #expect(!tracer.startSpan("child", context: span.context).isRecording)
    }

    @Test func anInvalidParentIsIgnored() throws {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 0, low: 0), spanID: SpanID(value: 1), traceFlags: [], traceState: "a=1")
        tracer().startSpan("x", context: context).end()
        let data = try #require(exporter.spans.first)
        #expect(data.context.isValid)
        #expect(data.parentSpanID == nil)
        #expect(data.context.traceState == "")
    }

    @Test func theSameSeedMakesTheSameIDs() {
        func ids() -> [SpanContext?] {
            let tracer = OTelTracer(processor: MultiSpanProcessor([]), ids: .seeded(7))
            return (0..<10).map { _ in tracer.startSpan("x", context: .topLevel).context.spanContext }
        }
        #expect(ids() == ids())
    }

    @Test func otherValuesOfTheContextAreKept() {
        var context = remote(.sampled)
        context.baggage = Baggage(headerValue: "a=1")
        #expect(tracer().startSpan("x", context: context).context.baggage?["a"] == "1")
    }

    // MARK: - Samplers

    private struct CustomSampler: Sampler {
        let result: SamplingResult
        var description: String { "Custom" }
        func shouldSample(
            parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
        ) -> SamplingResult {
            #expect(name == "x")
            #expect(kind == .producer)
            #expect(attributes["given"] == 1)
            return result
        }
    }

    @Test func aSamplerCanAddAttributesAndSetTheTraceState() throws {
        let sampler = CustomSampler(
            result: SamplingResult(.recordAndSample, attributes: ["added": 2], traceState: "s=1"))
        tracer(sampler).startSpan(
            "x", context: remote([], traceState: "a=1"), ofKind: .producer, attributes: ["given": 1]
        )
        .end()
        let data = try #require(exporter.spans.first)
        #expect(data.attributes == ["given": 1, "added": 2])
        #expect(data.context.traceState == "s=1")
        #expect(data.context.isSampled)
    }

    @Test func aRecordedSpanNeedNotBeSampled() throws {
        let processor = CollectingProcessor()
        let tracer = OTelTracer(
            processor: processor, sampler: CustomSampler(result: SamplingResult(.recordOnly)), ids: .seeded(1))
        let span = tracer.startSpan("x", context: .topLevel, ofKind: .producer, attributes: ["given": 1])
        #expect(span.isRecording)
        #expect(span.context.spanContext?.isSampled == false)
        span.end()
        #expect(processor.exporter.spans.count == 1)
    }

    /// Takes recorded spans whether they are sampled or not.
    private struct CollectingProcessor: SpanProcessor {
        let exporter = InMemorySpanExporter()
        func onEnd(_ span: SpanData) {
            var span = span
            #expect(!span.context.isSampled)
            span.context.traceFlags.insert(.sampled)
            exporter.onEnd(span)
        }
        func forceFlush() async {}
        func shutdown() async {}
    }

    // MARK: - Metrics and propagation

    @Test func startedSpansAreCounted() {
        let tracer = tracer()
        tracer.withSpan("root") { _ in tracer.withSpan("child") { _ in } }
        _ = tracer.startSpan("server", context: remote(.sampled))
        _ = tracer.startSpan("server", context: remote([]))
        func count(_ decision: String, _ origin: String) -> Double {
            metrics.value(
                "otel.sdk.span.started{otel.span.sampling_result=\(decision),otel.span.parent.origin=\(origin)}")
        }
        #expect(count("RECORD_AND_SAMPLE", "none") == 1)
        #expect(count("RECORD_AND_SAMPLE", "local") == 1)
        #expect(count("RECORD_AND_SAMPLE", "remote") == 1)
        #expect(count("DROP", "remote") == 1)
        #expect(count("DROP", "none") == 0)
        #expect(count("RECORD_ONLY", "none") == 0)
    }

    @Test func theTracerExtractsAndInjectsContext() throws {
        let tracer: any Tracer = tracer()
        var context = ServiceContext.topLevel
        tracer.extract(
            ["traceparent": Self.parent, "baggage": "a=1"], into: &context,
            using: DictionaryCarrier())
        let span = tracer.startSpan("server", context: context, ofKind: .server)
        var carrier: [String: String] = [:]
        tracer.inject(span.context, into: &carrier, using: DictionaryCarrier())
        let spanID = try #require(span.context.spanContext?.spanID)
        #expect(
            carrier == ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-\(spanID)-03", "baggage": "a=1"])
    }

    @Test func aDisabledSDKPassesOnTheContextOfTheCaller() {
        let tracer: any Tracer = PropagationOnlyTracer()
        var context = ServiceContext.topLevel
        let incoming = ["traceparent": Self.parent, "tracestate": "a=1", "baggage": "b=2"]
        tracer.extract(incoming, into: &context, using: DictionaryCarrier())
        let span = tracer.startSpan("server", context: context, ofKind: .server)
        #expect(!span.isRecording)
        var carrier: [String: String] = [:]
        tracer.inject(span.context, into: &carrier, using: DictionaryCarrier())
        #expect(carrier == incoming)
    }

    @Test func flushAndShutdownReachTheProcessor() async {
        let gated = GatedSpanExporter(isOpen: true)
        let tracer = OTelTracer(processor: SimpleSpanProcessor(exporter: gated))
        await tracer.forceFlush()
        await tracer.shutdown()
        #expect(gated.shutdowns == 1)
        // Spans can still be made; they go nowhere.
        tracer.withSpan("late") { span in #expect(span.context.spanContext?.isValid == true) }
        #expect(gated.batches.isEmpty)
    }
}
