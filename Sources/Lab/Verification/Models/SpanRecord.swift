import Vocabulary

/// A span as returned by a trace store.
package struct SpanRecord: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case unspecified, `internal`, server, client, producer, consumer
    }

    /// A name and its value as text; arrays and maps as JSON.
    package struct Attribute: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Event: Sendable, Equatable {
        package var timeNS: UInt64
        package var name: String
        package var attributes: [Attribute]

        package init(timeNS: UInt64, name: String, attributes: [Attribute] = []) {
            self.timeNS = timeNS
            self.name = name
            self.attributes = attributes
        }
    }

    package struct Link: Sendable, Equatable {
        package var traceID: String
        package var spanID: String

        package init(traceID: String, spanID: String) {
            self.traceID = traceID
            self.spanID = spanID
        }
    }

    /// In hex as the backend returned it, or decoded from Base64; never corrected.
    package var traceID: String
    package var spanID: String
    /// `nil` for a span without a parent.
    package var parentSpanID: String?
    /// The resource's `service.name`; empty if it has none.
    package var service: String
    package var name: String
    package var kind: Kind
    /// Nanoseconds since the Unix epoch.
    package var startNS: UInt64
    package var endNS: UInt64
    package var statusError: Bool
    package var statusMessage: String
    package var attributes: [Attribute]
    package var resource: [Attribute]
    package var events: [Event]
    package var links: [Link]

    package init(
        traceID: String, spanID: String, parentSpanID: String? = nil, service: String, name: String, kind: Kind,
        startNS: UInt64, endNS: UInt64, statusError: Bool = false, statusMessage: String = "",
        attributes: [Attribute] = [], resource: [Attribute] = [], events: [Event] = [], links: [Link] = []
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.service = service
        self.name = name
        self.kind = kind
        self.startNS = startNS
        self.endNS = endNS
        self.statusError = statusError
        self.statusMessage = statusMessage
        self.attributes = attributes
        self.resource = resource
        self.events = events
        self.links = links
    }

    /// The value of the first attribute with that name.
    package func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// Whether it is a refused call: a CLIENT span with a 4xx answer. The call failed, but needs no investigation.
    package var isRefusedCall: Bool {
        kind == .client && httpStatus.flatMap(Int.init).map((400..<500).contains) == true
    }

    /// The status of the answer, where the span is of HTTP and there was one.
    package var httpStatus: String? { attribute(Vocabulary.Attribute.httpResponseStatus) }

    /// Zero if the span ends before it starts.
    package var durationNS: UInt64 { endNS > startNS ? endNS - startNS : 0 }
}

/// The spans of one trace, sorted by start.
package struct TraceData: Sendable, Equatable {
    /// As requested.
    package var traceID: String
    package var spans: [SpanRecord]

    package init(traceID: String, spans: [SpanRecord]) {
        self.traceID = traceID
        self.spans = spans
    }

    /// The start of the first span and the end of the last, in nanoseconds since the Unix epoch; 0 without spans.
    var startNS: UInt64 { spans.map(\.startNS).min() ?? 0 }
    var endNS: UInt64 { spans.map(\.endNS).max() ?? 0 }

    /// The services of the spans, in the order of their first spans.
    package var services: [String] {
        var seen: Set<String> = []
        return spans.compactMap { seen.insert($0.service).inserted ? $0.service : nil }
    }
}
