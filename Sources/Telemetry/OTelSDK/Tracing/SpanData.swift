import TraceContext
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
    /// The number of attributes dropped by the limit.
    public var droppedAttributesCount: Int
    /// The events, each with its time.
    public var events: [SpanEvent]
    /// The number of events dropped by the limit.
    public var droppedEventsCount: Int
    /// The links.
    public var links: [SpanLink]
    /// The number of links dropped by the limit.
    public var droppedLinksCount: Int
    /// The status; `nil` if unset.
    public var status: SpanStatus?

    /// Creates a finished span.
    @inline(__always)
    public init(
        context: SpanContext, parentSpanID: SpanID? = nil, parentIsRemote: Bool = false, name: String,
        kind: SpanKind = .internal, startTime: UInt64, endTime: UInt64, attributes: SpanAttributes = [:],
        droppedAttributesCount: Int = 0, events: [SpanEvent] = [], droppedEventsCount: Int = 0,
        links: [SpanLink] = [], droppedLinksCount: Int = 0, status: SpanStatus? = nil
    ) {
        self.context = context
        self.parentSpanID = parentSpanID
        self.parentIsRemote = parentIsRemote
        self.name = name
        self.kind = kind
        self.startTime = startTime
        self.endTime = endTime
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.events = events
        self.droppedEventsCount = droppedEventsCount
        self.links = links
        self.droppedLinksCount = droppedLinksCount
        self.status = status
    }
}
