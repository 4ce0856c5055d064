import Tracing

/// A finished span, as processors and exporters see it. Times are nanoseconds since the Unix epoch.
public struct SpanData: Sendable {
    /// The span's identity.
    public var context: SpanContext
    /// The parent, or `nil` for a root.
    public var parentSpanID: SpanID?
    /// Whether the parent was in another process.
    public var parentIsRemote: Bool
    /// The name.
    public var name: String
    /// The kind.
    public var kind: SpanKind
    /// The start.
    public var startTime: UInt64
    /// The end, not before the start.
    public var endTime: UInt64
    /// The attributes.
    public var attributes: SpanAttributes
    /// How many attributes the limit dropped.
    public var droppedAttributesCount: Int
    /// The events; each has its time.
    public var events: [SpanEvent]
    /// The links.
    public var links: [SpanLink]
    /// The status, `nil` if unset.
    public var status: SpanStatus?
}
