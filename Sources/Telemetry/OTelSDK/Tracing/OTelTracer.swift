import Metrics
import TraceContext
import Tracing

/// The SDK's tracer (OpenTelemetry Trace SDK). Samples spans, creates ids, passes finished spans to a processor and
/// propagates context across process boundaries. Safe to use from any thread.
public final class OTelTracer: Tracer {
    let processor: any SpanProcessor
    let limits: SpanLimits
    let clock: TraceClock
    private let sampler: any Sampler
    private let propagator: any Propagator
    private let ids: IDGenerator
    private let started: StartedSpans

    /// Creates a tracer.
    /// - Parameters:
    ///   - processor: receives finished spans.
    ///   - sampler: decides which spans are recorded.
    ///   - propagator: carries context across process boundaries.
    ///   - limits: limit the size of a span.
    ///   - ids: creates trace and span ids.
    ///   - metrics: receives `otel.sdk.span.started`.
    public convenience init(
        processor: any SpanProcessor, sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler()),
        propagator: any Propagator = CompositePropagator([.tracecontext, .baggage]), limits: SpanLimits = SpanLimits(),
        ids: IDGenerator = .system(), metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.init(
            processor: processor, sampler: sampler, propagator: propagator, limits: limits, ids: ids, clock: .system,
            metrics: metrics)
    }

    /// Creates a tracer with a custom clock.
    package init(
        processor: any SpanProcessor, sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler()),
        propagator: any Propagator = CompositePropagator([.tracecontext, .baggage]), limits: SpanLimits = SpanLimits(),
        ids: IDGenerator = .system(), clock: TraceClock, metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.processor = processor
        self.sampler = sampler
        self.propagator = propagator
        self.limits = limits
        self.ids = ids
        self.clock = clock
        started = StartedSpans(metrics: metrics)
    }

    /// Starts a span. A span that is not sampled records nothing, but has its own context for propagation, with the
    /// sampled flag unset.
    public func startSpan(
        _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
        attributes: SpanAttributes
    ) -> any Span {
        var parent = context.spanContext
        if parent?.isValid == false { parent = nil }
        let traceID = parent?.traceID ?? ids.makeTraceID()
        let sampling = sampler.shouldSample(
            parent: parent, traceID: traceID, name: operationName, kind: kind, attributes: attributes)
        started.count(sampling.decision, parent: parent)

        // The random flag belongs to the trace id; the creator of the id decides it for the whole trace.
        var flags: TraceFlags = ids.isRandom ? .random : []
        if let parent { flags = parent.traceFlags.intersection(.random) }
        if sampling.decision == .recordAndSample { flags.insert(.sampled) }
        let spanContext = SpanContext(
            traceID: traceID, spanID: ids.makeSpanID(), traceFlags: flags,
            traceState: sampling.traceState ?? parent?.traceState ?? "")
        var context = context
        context.spanContext = spanContext
        guard sampling.decision != .drop else { return NoOpSpan(context: context) }

        var attributes = attributes
        if !sampling.attributes.isEmpty { attributes.merge(sampling.attributes) }
        return OTelSpan(
            tracer: self, name: operationName, context: context, spanContext: spanContext, parent: parent?.spanID,
            parentIsRemote: parent?.isRemote ?? false, kind: kind, startTime: nanosecondsSinceEpoch,
            attributes: attributes)
    }

    /// Extracts the context that a peer sent.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        propagator.extract(carrier, into: &context, using: extractor)
    }

    /// Injects `context` for a peer.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        propagator.inject(context, into: &carrier, using: injector)
    }

    /// Delivers the spans that have ended so far.
    public func forceFlush() async { await processor.forceFlush() }

    /// Delivers the spans that have ended so far and refuses further ones. Spans can still be started and propagated.
    public func shutdown() async { await processor.shutdown() }
}

/// The metric `otel.sdk.span.started`, by sampling decision and parent location.
private struct StartedSpans: Sendable {
    private let counters: [Counter]

    init(metrics: any MetricsFactory) {
        counters = ["DROP", "RECORD_ONLY", "RECORD_AND_SAMPLE"].flatMap { decision in
            ["none", "local", "remote"].map { origin in
                Counter(
                    label: "otel.sdk.span.started", description: "The number of created spans.", unit: "{span}",
                    dimensions: [("otel.span.sampling_result", decision), ("otel.span.parent.origin", origin)],
                    factory: metrics)
            }
        }
    }

    func count(_ decision: SamplingResult.Decision, parent: SpanContext?) {
        let row =
            switch decision {
            case .drop: 0
            case .recordOnly: 3
            case .recordAndSample: 6
            }
        var column = 0
        if let parent { column = parent.isRemote ? 2 : 1 }
        // In place, because copying a counter takes longer than incrementing it.
        counters.withUnsafeBufferPointer { $0[row + column].increment() }
    }
}
