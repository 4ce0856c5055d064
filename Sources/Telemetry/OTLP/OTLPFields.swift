/// The field numbers of opentelemetry-proto 1.x, by message. This is the only place that defines the wire format.
///
/// The tests of this module check it against the generated Python bindings.
package enum OTLPField {
    /// `ExportTraceServiceRequest`, `ExportLogsServiceRequest`.
    package enum Request {
        package static let resources = 1
    }

    /// `ExportTraceServiceResponse`, `ExportLogsServiceResponse`.
    enum Response {
        static let partialSuccess = 1
    }

    /// `ExportTracePartialSuccess`, `ExportLogsPartialSuccess`.
    enum PartialSuccess {
        static let rejected = 1
        static let errorMessage = 2
    }

    /// `google.rpc.Status`.
    enum ErrorStatus {
        static let code = 1
        static let message = 2
    }

    /// `ResourceSpans`, `ResourceLogs`.
    package enum ResourceBatch {
        package static let resource = 1
        package static let scopes = 2
        package static let schemaURL = 3
    }

    /// `ScopeSpans`, `ScopeLogs`.
    package enum ScopeBatch {
        package static let scope = 1
        package static let items = 2
        package static let schemaURL = 3
    }

    /// `Resource`.
    package enum Resource {
        package static let attributes = 1
    }

    /// `InstrumentationScope`.
    package enum Scope {
        package static let name = 1
        package static let version = 2
        static let attributes = 3
    }

    /// `KeyValue`.
    enum KeyValue {
        static let key = 1
        static let value = 2
    }

    /// `AnyValue`, a oneof.
    package enum AnyValue {
        package static let string = 1
        static let bool = 2
        static let int = 3
        static let double = 4
        static let array = 5
        static let keyValueList = 6
        static let bytes = 7
    }

    /// `ArrayValue`, `KeyValueList`.
    enum List {
        static let values = 1
    }

    /// `Span`.
    package enum Span {
        package static let traceID = 1
        package static let spanID = 2
        package static let traceState = 3
        package static let parentSpanID = 4
        package static let name = 5
        package static let kind = 6
        package static let startTime = 7
        package static let endTime = 8
        package static let attributes = 9
        package static let droppedAttributesCount = 10
        package static let events = 11
        package static let droppedEventsCount = 12
        package static let links = 13
        package static let droppedLinksCount = 14
        package static let status = 15
        package static let flags = 16
    }

    /// `Span.Event`.
    package enum Event {
        package static let time = 1
        package static let name = 2
        package static let attributes = 3
        static let droppedAttributesCount = 4
    }

    /// `Span.Link`.
    package enum Link {
        package static let traceID = 1
        package static let spanID = 2
        package static let traceState = 3
        package static let attributes = 4
        static let droppedAttributesCount = 5
        package static let flags = 6
    }

    /// `Status`.
    package enum Status {
        package static let message = 2
        package static let code = 3
    }

    /// `LogRecord`.
    package enum LogRecord {
        package static let time = 1
        package static let severityNumber = 2
        package static let severityText = 3
        package static let body = 5
        package static let attributes = 6
        static let droppedAttributesCount = 7
        package static let flags = 8
        package static let traceID = 9
        package static let spanID = 10
        package static let observedTime = 11
        static let eventName = 12
    }
}

/// The bits of `Span.flags` and `Span.Link.flags` above the W3C trace flags (`SpanFlags`).
package enum OTLPFlags {
    /// Whether ``isRemote`` is meaningful.
    package static let hasIsRemote: UInt32 = 0x100
    /// Whether the parent or the linked span is in another process.
    package static let isRemote: UInt32 = 0x200
}
