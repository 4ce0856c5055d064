import TraceContext
import Tracing

/// The tracer of a disabled SDK (`OTEL_SDK_DISABLED`). It creates no spans but still passes the caller's context on
/// unchanged, so the trace around this process stays intact.
public struct PropagationOnlyTracer: Tracer {
    private let propagator: any Propagator

    /// Creates the tracer.
    public init(propagator: any Propagator = CompositePropagator([.tracecontext, .baggage])) {
        self.propagator = propagator
    }

    /// Returns a span that records nothing and whose context is the one it was started in.
    public func startSpan(
        _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
        attributes: SpanAttributes
    ) -> any Span { NoOpSpan(context: context) }

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
}
