import Tracing

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

extension SpanLimits {
    /// Cuts what exceeds the limits of a span's attributes; gives how many were dropped, the ones added last.
    @inline(__always)
    func apply(to attributes: inout SpanAttributes) -> Int { apply(to: &attributes, count: attributeCount) }

    /// Cuts what exceeds `count` attributes or the length limit; gives how many were dropped, the ones added last.
    @inline(__always)
    func apply(to attributes: inout SpanAttributes, count: Int) -> Int {
        guard attributes.count > count || attributeValueLength != nil else { return 0 }
        return cut(&attributes, count: count)
    }

    @inline(never)
    private func cut(_ attributes: inout SpanAttributes, count: Int) -> Int {
        var dropped = 0
        while attributes.count > count, let last = attributes.last {
            attributes[last.key] = nil
            dropped += 1
        }
        guard let attributeValueLength else { return dropped }
        for index in attributes.indices {
            let element = attributes[index]
            switch element.value {
            // A text has at most as many characters as it has bytes, so most need no count.
            case .string(let text) where text.utf8.count > attributeValueLength:
                attributes[element.key] = .string(String(text.prefix(attributeValueLength)))
            case .stringArray(let texts) where texts.contains { $0.utf8.count > attributeValueLength }:
                attributes[element.key] = .stringArray(texts.map { String($0.prefix(attributeValueLength)) })
            default: break
            }
        }
        return dropped
    }
}
