/// The field numbers of opentelemetry-proto 1.x, by message. This is the only place that defines the wire format.
///
/// The tests of this module check it against the generated Python bindings.
@usableFromInline package enum OTLPField {
    /// `ExportTraceServiceRequest`, `ExportLogsServiceRequest`.
    @usableFromInline package enum Request {
        @inlinable package static var resources: Int { 1 }
    }

    /// `ExportTraceServiceResponse`, `ExportLogsServiceResponse`.
    @usableFromInline package enum Response {
        @inlinable package static var partialSuccess: Int { 1 }
    }

    /// `ExportTracePartialSuccess`, `ExportLogsPartialSuccess`.
    @usableFromInline package enum PartialSuccess {
        @inlinable package static var rejected: Int { 1 }
        @inlinable package static var errorMessage: Int { 2 }
    }

    /// `google.rpc.Status`.
    @usableFromInline package enum ErrorStatus {
        @inlinable package static var code: Int { 1 }
        @inlinable package static var message: Int { 2 }
    }

    /// `ResourceSpans`, `ResourceLogs`.
    @usableFromInline package enum ResourceBatch {
        @inlinable package static var resource: Int { 1 }
        @inlinable package static var scopes: Int { 2 }
        @inlinable package static var schemaURL: Int { 3 }
    }

    /// `ScopeSpans`, `ScopeLogs`.
    @usableFromInline package enum ScopeBatch {
        @inlinable package static var scope: Int { 1 }
        @inlinable package static var items: Int { 2 }
        @inlinable package static var schemaURL: Int { 3 }
    }

    /// `Resource`.
    @usableFromInline package enum Resource {
        @inlinable package static var attributes: Int { 1 }
    }

    /// `InstrumentationScope`.
    @usableFromInline package enum Scope {
        @inlinable package static var name: Int { 1 }
        @inlinable package static var version: Int { 2 }
        @inlinable package static var attributes: Int { 3 }
    }

    /// `KeyValue`.
    @usableFromInline package enum KeyValue {
        @inlinable package static var key: Int { 1 }
        @inlinable package static var value: Int { 2 }
    }

    /// `AnyValue`, a oneof.
    @usableFromInline package enum AnyValue {
        @inlinable package static var string: Int { 1 }
        @inlinable package static var bool: Int { 2 }
        @inlinable package static var int: Int { 3 }
        @inlinable package static var double: Int { 4 }
        @inlinable package static var array: Int { 5 }
        @inlinable package static var keyValueList: Int { 6 }
        @inlinable package static var bytes: Int { 7 }
    }

    /// `ArrayValue`, `KeyValueList`.
    @usableFromInline package enum List {
        @inlinable package static var values: Int { 1 }
    }

    /// `Span`.
    @usableFromInline package enum Span {
        @inlinable package static var traceID: Int { 1 }
        @inlinable package static var spanID: Int { 2 }
        @inlinable package static var traceState: Int { 3 }
        @inlinable package static var parentSpanID: Int { 4 }
        @inlinable package static var name: Int { 5 }
        @inlinable package static var kind: Int { 6 }
        @inlinable package static var startTime: Int { 7 }
        @inlinable package static var endTime: Int { 8 }
        @inlinable package static var attributes: Int { 9 }
        @inlinable package static var droppedAttributesCount: Int { 10 }
        @inlinable package static var events: Int { 11 }
        @inlinable package static var droppedEventsCount: Int { 12 }
        @inlinable package static var links: Int { 13 }
        @inlinable package static var droppedLinksCount: Int { 14 }
        @inlinable package static var status: Int { 15 }
        @inlinable package static var flags: Int { 16 }
    }

    /// `Span.Event`.
    @usableFromInline package enum Event {
        @inlinable package static var time: Int { 1 }
        @inlinable package static var name: Int { 2 }
        @inlinable package static var attributes: Int { 3 }
        @inlinable package static var droppedAttributesCount: Int { 4 }
    }

    /// `Span.Link`.
    @usableFromInline package enum Link {
        @inlinable package static var traceID: Int { 1 }
        @inlinable package static var spanID: Int { 2 }
        @inlinable package static var traceState: Int { 3 }
        @inlinable package static var attributes: Int { 4 }
        @inlinable package static var droppedAttributesCount: Int { 5 }
        @inlinable package static var flags: Int { 6 }
    }

    /// `Status`.
    @usableFromInline package enum Status {
        @inlinable package static var message: Int { 2 }
        @inlinable package static var code: Int { 3 }
    }

    /// `LogRecord`.
    @usableFromInline package enum LogRecord {
        @inlinable package static var time: Int { 1 }
        @inlinable package static var severityNumber: Int { 2 }
        @inlinable package static var severityText: Int { 3 }
        @inlinable package static var body: Int { 5 }
        @inlinable package static var attributes: Int { 6 }
        @inlinable package static var droppedAttributesCount: Int { 7 }
        @inlinable package static var flags: Int { 8 }
        @inlinable package static var traceID: Int { 9 }
        @inlinable package static var spanID: Int { 10 }
        @inlinable package static var observedTime: Int { 11 }
        @inlinable package static var eventName: Int { 12 }
    }
}

/// The bits of `Span.flags` and `Span.Link.flags` above the W3C trace flags (`SpanFlags`).
@usableFromInline package enum OTLPFlags {
    /// Whether ``isRemote`` is meaningful.
    @inlinable package static var hasIsRemote: UInt32 { 0x100 }
    /// Whether the parent or the linked span is in another process.
    @inlinable package static var isRemote: UInt32 { 0x200 }
}
