/// A tracer that does nothing, for libraries that were given none.
public struct NoOpTracer: Tracer {
    /// Creates the tracer.
    public init() {}

    /// Returns a span that records nothing and passes `context` on.
    public func startSpan(
        _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
        attributes: SpanAttributes
    ) -> any Span {
        NoOpSpan(context: context)
    }

    /// Extracts nothing.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}

    /// Injects nothing.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {}
}

/// A span that records nothing.
public final class NoOpSpan: Span {
    /// The context in which the span was started.
    public let context: ServiceContext

    /// Creates the span.
    public init(context: ServiceContext) { self.context = context }

    /// Always `noop`.
    public var operationName: String {
        get { "noop" }
        set {}
    }
    /// Always empty.
    public var attributes: SpanAttributes {
        get { [:] }
        set {}
    }
    /// Always `false`.
    public var isRecording: Bool { false }
    /// Does nothing.
    public func setStatus(_ status: SpanStatus) {}
    /// Does nothing.
    public func addEvent(_ event: SpanEvent) {}
    /// Does nothing.
    public func recordError(_ error: any Error, attributes: SpanAttributes) {}
    /// Does nothing.
    public func addLink(_ link: SpanLink) {}
    /// Does nothing.
    public func end(at nanosecondsSinceEpoch: UInt64?) {}
}
