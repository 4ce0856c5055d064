import TraceContext

/// An `ExportTraceServiceRequest`, as received: spans grouped by resource and scope.
package struct OTLPTraces: Sendable, Hashable {
    package var resourceSpans: [OTLPResourceSpans]

    package init(resourceSpans: [OTLPResourceSpans] = []) { self.resourceSpans = resourceSpans }

    /// The number of spans.
    package var spanCount: Int { resourceSpans.reduce(0) { $0 + $1.spans.count } }
}

/// The spans of one scope of one resource. A resource with several scopes appears once for each.
package struct OTLPResourceSpans: Sendable, Hashable {
    /// The resource's attributes, such as `service.name`.
    package var resource: [OTLPKeyValue]
    /// The schema URL of the resource's attributes (`schema_url`); empty for none.
    package var resourceSchemaURL: String
    package var scope: OTLPScope
    package var spans: [OTLPSpan]

    package init(
        resource: [OTLPKeyValue] = [], resourceSchemaURL: String = "", scope: OTLPScope = OTLPScope(),
        spans: [OTLPSpan] = []
    ) {
        self.resource = resource
        self.resourceSchemaURL = resourceSchemaURL
        self.scope = scope
        self.spans = spans
    }
}

/// A span in OTLP. Times are nanoseconds since the Unix epoch.
package struct OTLPSpan: Sendable, Hashable {
    package var traceID: TraceID
    package var spanID: SpanID
    package var parentSpanID: SpanID?
    package var traceState = ""
    /// The W3C trace flags in the low byte, and whether the parent is remote; see `SpanFlags`.
    package var flags: UInt32 = 0
    package var name = ""
    package var kind = OTLPSpanKind.unspecified
    package var startTime: UInt64 = 0
    package var endTime: UInt64 = 0
    package var attributes: [OTLPKeyValue] = []
    package var droppedAttributesCount: UInt32 = 0
    package var events: [OTLPEvent] = []
    package var droppedEventsCount: UInt32 = 0
    package var links: [OTLPLink] = []
    package var droppedLinksCount: UInt32 = 0
    package var status = OTLPStatus()

    package init(traceID: TraceID, spanID: SpanID) {
        self.traceID = traceID
        self.spanID = spanID
    }
}

/// A span's role. Unknown numbers are kept.
package struct OTLPSpanKind: RawRepresentable, Sendable, Hashable {
    package var rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = OTLPSpanKind(rawValue: 0)
    package static let `internal` = OTLPSpanKind(rawValue: 1)
    package static let server = OTLPSpanKind(rawValue: 2)
    package static let client = OTLPSpanKind(rawValue: 3)
    package static let producer = OTLPSpanKind(rawValue: 4)
    package static let consumer = OTLPSpanKind(rawValue: 5)
}

/// The status of a span.
package struct OTLPStatus: Sendable, Hashable {
    /// A status code. Unknown numbers are kept.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package var rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let unset = Code(rawValue: 0)
        package static let ok = Code(rawValue: 1)
        package static let error = Code(rawValue: 2)
    }

    package var code: Code
    package var message: String

    package init(code: Code = .unset, message: String = "") {
        self.code = code
        self.message = message
    }
}

/// A point-in-time event of a span.
package struct OTLPEvent: Sendable, Hashable {
    /// Nanoseconds since the Unix epoch.
    package var time: UInt64 = 0
    package var name = ""
    package var attributes: [OTLPKeyValue] = []
    package var droppedAttributesCount: UInt32 = 0

    package init() {}
}

/// A reference to another span.
package struct OTLPLink: Sendable, Hashable {
    package var traceID: TraceID
    package var spanID: SpanID
    package var traceState = ""
    package var attributes: [OTLPKeyValue] = []
    package var droppedAttributesCount: UInt32 = 0
    package var flags: UInt32 = 0

    package init(traceID: TraceID, spanID: SpanID) {
        self.traceID = traceID
        self.spanID = spanID
    }
}
