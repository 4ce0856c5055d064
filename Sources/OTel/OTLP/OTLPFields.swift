/// The field numbers of opentelemetry-proto 1.x, by message: the one place where the wire format is named.
///
/// Checked against the generated Python bindings by the tests of this module.
enum OTLPField {
    /// `ExportTraceServiceRequest`, `ExportLogsServiceRequest`.
    enum Request {
        static let resources = 1
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
    enum ResourceBatch {
        static let resource = 1
        static let scopes = 2
        static let schemaURL = 3
    }

    /// `ScopeSpans`, `ScopeLogs`.
    enum ScopeBatch {
        static let scope = 1
        static let items = 2
        static let schemaURL = 3
    }

    /// `Resource`.
    enum Resource {
        static let attributes = 1
    }

    /// `InstrumentationScope`.
    enum Scope {
        static let name = 1
        static let version = 2
        static let attributes = 3
    }

    /// `KeyValue`.
    enum KeyValue {
        static let key = 1
        static let value = 2
    }

    /// `AnyValue`, a oneof.
    enum AnyValue {
        static let string = 1
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
    enum Span {
        static let traceID = 1
        static let spanID = 2
        static let traceState = 3
        static let parentSpanID = 4
        static let name = 5
        static let kind = 6
        static let startTime = 7
        static let endTime = 8
        static let attributes = 9
        static let droppedAttributesCount = 10
        static let events = 11
        static let droppedEventsCount = 12
        static let links = 13
        static let droppedLinksCount = 14
        static let status = 15
        static let flags = 16
    }

    /// `Span.Event`.
    enum Event {
        static let time = 1
        static let name = 2
        static let attributes = 3
        static let droppedAttributesCount = 4
    }

    /// `Span.Link`.
    enum Link {
        static let traceID = 1
        static let spanID = 2
        static let traceState = 3
        static let attributes = 4
        static let droppedAttributesCount = 5
        static let flags = 6
    }

    /// `Status`.
    enum Status {
        static let message = 2
        static let code = 3
    }

    /// `LogRecord`.
    enum LogRecord {
        static let time = 1
        static let severityNumber = 2
        static let severityText = 3
        static let body = 5
        static let attributes = 6
        static let droppedAttributesCount = 7
        static let flags = 8
        static let traceID = 9
        static let spanID = 10
        static let observedTime = 11
        static let eventName = 12
    }
}

/// The bits of `Span.flags` and `Span.Link.flags` above the W3C trace flags (`SpanFlags`).
enum OTLPFlags {
    /// Says that ``isRemote`` means something.
    static let hasIsRemote: UInt32 = 0x100
    /// The parent, or the span linked to, was in another process.
    static let isRemote: UInt32 = 0x200
}
