/// The field numbers of OTLP's trace messages (opentelemetry-proto 1.x, `trace.proto`) that the store reads in place.
package enum SpanField {
    enum Request { static let resourceSpans = 1 }
    enum ResourceSpans { static let resource = 1, scopeSpans = 2, schemaURL = 3 }
    enum Resource { static let attributes = 1, droppedAttributesCount = 2 }
    enum ScopeSpans { static let scope = 1, spans = 2, schemaURL = 3 }
    enum Scope { static let name = 1, version = 2, attributes = 3, droppedAttributesCount = 4 }
    enum KeyValue { static let key = 1, value = 2 }
    enum AnyValue {
        static let string = 1, bool = 2, int = 3, double = 4, array = 5, keyValueList = 6, bytes = 7
    }
    enum List { static let values = 1 }
    package enum Span {
        static let traceID = 1, spanID = 2, traceState = 3, parentSpanID = 4, name = 5, kind = 6, startTime = 7
        package static let endTime = 8, attributes = 9, droppedAttributesCount = 10, events = 11,
            droppedEventsCount = 12
        package static let links = 13, droppedLinksCount = 14, status = 15, flags = 16
    }
    package enum Event { package static let time = 1, name = 2, attributes = 3, droppedAttributesCount = 4 }
    package enum Link {
        package static let traceID = 1, spanID = 2, traceState = 3, attributes = 4, droppedAttributesCount = 5,
            flags = 6
    }
    package enum Status { package static let message = 2, code = 3 }
}
