/// How large a span may grow (OpenTelemetry Trace SDK, "Span Limits"). What exceeds a limit is dropped and counted in
/// the span, except that a long text is cut.
public struct SpanLimits: Sendable, Equatable {
    /// How many attributes a span keeps.
    public var attributeCount: Int
    /// How many characters of a text attribute are kept; `nil` for all.
    public var attributeValueLength: Int?
    /// How many events a span keeps.
    public var eventCount: Int
    /// How many links a span keeps.
    public var linkCount: Int
    /// How many attributes an event keeps.
    public var attributeCountPerEvent: Int
    /// How many attributes a link keeps.
    public var attributeCountPerLink: Int

    /// Creates limits; a negative one counts as 0.
    public init(
        attributeCount: Int = 128, attributeValueLength: Int? = nil, eventCount: Int = 128, linkCount: Int = 128,
        attributeCountPerEvent: Int = 128, attributeCountPerLink: Int = 128
    ) {
        self.attributeCount = max(attributeCount, 0)
        self.attributeValueLength = attributeValueLength.map { max($0, 0) }
        self.eventCount = max(eventCount, 0)
        self.linkCount = max(linkCount, 0)
        self.attributeCountPerEvent = max(attributeCountPerEvent, 0)
        self.attributeCountPerLink = max(attributeCountPerLink, 0)
    }

    /// Reads the limits that the environment sets; a span's own limit wins over the general one.
    init(reading reader: inout EnvironmentReader) {
        let generalCount = reader.integer("OTEL_ATTRIBUTE_COUNT_LIMIT")
        let generalLength = reader.integer("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")
        self.init(
            attributeCount: reader.integer("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT") ?? generalCount ?? 128,
            attributeValueLength: reader.integer("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT") ?? generalLength,
            eventCount: reader.integer("OTEL_SPAN_EVENT_COUNT_LIMIT") ?? 128,
            linkCount: reader.integer("OTEL_SPAN_LINK_COUNT_LIMIT") ?? 128,
            attributeCountPerEvent: reader.integer("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT") ?? generalCount ?? 128,
            attributeCountPerLink: reader.integer("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT") ?? generalCount ?? 128)
    }
}
