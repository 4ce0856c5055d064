import Tracing
import Vocabulary

/// W3C Trace Context Level 2: the header fields `traceparent` and `tracestate`.
///
/// `tracestate` is passed on unchanged except for white space, empty members and duplicate keys. This SDK adds no
/// entry.
public struct TraceContextPropagator: Propagator {
    /// Creates the propagator.
    public init() {}

    /// `traceparent` and `tracestate`.
    public var fields: [String] { [Header.traceParent, Header.traceState] }

    /// Extracts a peer's context. An invalid `traceparent` leaves `context` unchanged, and `tracestate` is ignored. An
    /// invalid `tracestate` is dropped.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let field = extractor.extract(key: Header.traceParent, from: carrier),
            var spanContext = TraceParent.parse(field)
        else { return }
        if let field = extractor.extract(key: Header.traceState, from: carrier) {
            spanContext.traceState = TraceState.parse(field) ?? ""
        }
        context.spanContext = spanContext
    }

    /// Injects the active span's context if it is valid.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let spanContext = context.spanContext, spanContext.isValid else { return }
        injector.inject(TraceParent.format(spanContext), forKey: Header.traceParent, into: &carrier)
        if !spanContext.traceState.isEmpty {
            injector.inject(spanContext.traceState, forKey: Header.traceState, into: &carrier)
        }
    }
}
