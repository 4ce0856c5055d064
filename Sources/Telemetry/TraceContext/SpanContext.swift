import Tracing

/// The identity of a span (OpenTelemetry Trace API, "SpanContext").
public struct SpanContext: Hashable, Sendable {
    /// The trace the span belongs to.
    public var traceID: TraceID
    /// The span.
    public var spanID: SpanID
    /// The flags.
    public var traceFlags: TraceFlags
    /// The vendors' `tracestate` as a valid header value; empty if there is none.
    public var traceState: String
    /// Whether the context came from another process.
    public var isRemote: Bool

    /// Creates a span context.
    public init(
        traceID: TraceID, spanID: SpanID, traceFlags: TraceFlags, traceState: String = "", isRemote: Bool = false
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceFlags = traceFlags
        self.traceState = traceState
        self.isRemote = isRemote
    }

    /// Whether both ids are valid.
    public var isValid: Bool { traceID.isValid && spanID.isValid }
    /// Whether the sampled flag is set.
    public var isSampled: Bool { traceFlags.contains(.sampled) }
}

extension ServiceContext {
    private enum SpanContextKey: ServiceContextKey { typealias Value = SpanContext }

    /// The context of the active span.
    public var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}
