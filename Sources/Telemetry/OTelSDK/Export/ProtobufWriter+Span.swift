import OTLP
import TraceContext
import Tracing

extension ProtobufWriter {
    /// Appends a `Span`.
    mutating func span(_ field: Int, _ span: UnsafePointer<SpanData>) {
        let mark = begin(field, expectedWidth: 2)
        id(OTLPField.Span.traceID, span.pointee.context.traceID)
        id(OTLPField.Span.spanID, span.pointee.context.spanID)
        string(OTLPField.Span.traceState, span.pointee.context.traceState)
        var flags = UInt32(span.pointee.context.traceFlags.rawValue) | OTLPFlags.hasIsRemote
        if let parent = span.pointee.parentSpanID {
            id(OTLPField.Span.parentSpanID, parent)
            if span.pointee.parentIsRemote { flags |= OTLPFlags.isRemote }
        }
        string(OTLPField.Span.name, span.pointee.name)
        integer(OTLPField.Span.kind, UInt64(truncatingIfNeeded: OTLPSpanKind(span.pointee.kind).rawValue))
        fixed64(OTLPField.Span.startTime, span.pointee.startTime)
        fixed64(OTLPField.Span.endTime, span.pointee.endTime)
        spanAttributes(span.pointee.attributes)
        integer(OTLPField.Span.droppedAttributesCount, UInt64(truncatingIfNeeded: span.pointee.droppedAttributesCount))
        for index in span.pointee.events.indices { event(OTLPField.Span.events, span.pointee.events[index]) }
        integer(OTLPField.Span.droppedEventsCount, UInt64(truncatingIfNeeded: span.pointee.droppedEventsCount))
        for index in span.pointee.links.indices { link(OTLPField.Span.links, span.pointee.links[index]) }
        integer(OTLPField.Span.droppedLinksCount, UInt64(truncatingIfNeeded: span.pointee.droppedLinksCount))
        if let status = span.pointee.status { self.status(OTLPField.Span.status, status) }
        fixed32(OTLPField.Span.flags, flags)
        end(mark)
    }

    private mutating func event(_ field: Int, _ event: SpanEvent) {
        let mark = begin(field, expectedWidth: 2)
        fixed64(OTLPField.Event.time, event.nanosecondsSinceEpoch ?? 0)
        string(OTLPField.Event.name, event.name)
        attributes(OTLPField.Event.attributes, event.attributes)
        end(mark)
    }

    /// Appends a link. A link to a context without a span has no meaning and is left out.
    private mutating func link(_ field: Int, _ link: SpanLink) {
        guard let context = link.context.spanContext, context.isValid else { return }
        let mark = begin(field, expectedWidth: 1)
        id(OTLPField.Link.traceID, context.traceID)
        id(OTLPField.Link.spanID, context.spanID)
        string(OTLPField.Link.traceState, context.traceState)
        attributes(OTLPField.Link.attributes, link.attributes)
        fixed32(OTLPField.Link.flags, OTLPFlags.of(context))
        end(mark)
    }

    private mutating func status(_ field: Int, _ status: SpanStatus) {
        let mark = begin(field, expectedWidth: 1)
        // Only an error has a description (Trace API, "Set Status").
        if status.code == .error, let message = status.message { string(OTLPField.Status.message, message) }
        integer(OTLPField.Status.code, UInt64(truncatingIfNeeded: OTLPStatus.Code(status.code).rawValue))
        end(mark)
    }

    /// Appends a `LogRecord`.
    mutating func logRecord(_ field: Int, _ record: UnsafePointer<LogRecordData>) {
        let mark = begin(field, expectedWidth: 2)
        fixed64(OTLPField.LogRecord.time, record.pointee.timestamp)
        integer(OTLPField.LogRecord.severityNumber, UInt64(truncatingIfNeeded: record.pointee.severityNumber))
        string(OTLPField.LogRecord.severityText, record.pointee.severityText)
        let body = begin(OTLPField.LogRecord.body, expectedWidth: 1)
        presentString(OTLPField.AnyValue.string, record.pointee.body)
        end(body)
        attributes(OTLPField.LogRecord.attributes, record.pointee.attributes)
        if let context = record.pointee.spanContext, context.isValid {
            fixed32(OTLPField.LogRecord.flags, UInt32(context.traceFlags.rawValue))
            id(OTLPField.LogRecord.traceID, context.traceID)
            id(OTLPField.LogRecord.spanID, context.spanID)
        }
        fixed64(OTLPField.LogRecord.observedTime, record.pointee.observedTimestamp)
        end(mark)
    }
}

extension OTLPFlags {
    /// The flags of a link to `context`.
    static func of(_ context: SpanContext) -> UInt32 {
        UInt32(context.traceFlags.rawValue) | hasIsRemote | (context.isRemote ? isRemote : 0)
    }
}

extension OTLPSpanKind {
    init(_ kind: SpanKind) {
        self =
            switch kind {
            case .internal: .internal
            case .server: .server
            case .client: .client
            case .producer: .producer
            case .consumer: .consumer
            }
    }
}

extension OTLPStatus.Code {
    init(_ code: SpanStatus.Code) {
        self =
            switch code {
            case .ok: .ok
            case .error: .error
            }
    }
}
