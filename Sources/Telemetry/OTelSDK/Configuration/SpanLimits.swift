import Tracing

/// The limits on the size of a span (OpenTelemetry Trace SDK, "Span Limits"). Anything beyond a limit is dropped and
/// counted in the span, except that long strings are truncated.
public struct SpanLimits: Sendable, Equatable {
    /// The maximum number of attributes of a span.
    public var attributeCount: Int
    /// The maximum number of characters of a string attribute; `nil` for no limit.
    public var attributeValueLength: Int?
    /// The maximum number of events of a span.
    public var eventCount: Int
    /// The maximum number of links of a span.
    public var linkCount: Int
    /// The maximum number of attributes of an event.
    public var attributeCountPerEvent: Int
    /// The maximum number of attributes of a link.
    public var attributeCountPerLink: Int

    /// Creates limits. A negative limit counts as 0.
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

    /// Reads the limits from the environment. A span-specific limit takes precedence over the general one.
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
    /// Applies the limits to a span's attributes. Returns how many were dropped; the last ones added are dropped.
    @inline(__always)
    func apply(to attributes: inout SpanAttributes) -> Int { apply(to: &attributes, count: attributeCount) }

    /// Applies a limit of `count` attributes and the length limit. Returns how many were dropped; the last ones added
    /// are dropped.
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
            // A string has at most as many characters as bytes, so most need not be counted.
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
