import OTLP
import TraceContext
import Tracing

extension OTLPValue {
    package init(_ attribute: SpanAttribute) {
        self =
            switch attribute {
            case .string(let text): .string(text)
            case .int64(let number): .int(number)
            case .double(let number): .double(number)
            case .bool(let flag): .bool(flag)
            case .stringArray(let texts): .array(texts.map { .string($0) })
            case .int64Array(let numbers): .array(numbers.map { .int($0) })
            }
    }
}

extension [OTLPKeyValue] {
    package init(_ attributes: SpanAttributes) {
        self = attributes.map { OTLPKeyValue(key: $0.key, value: OTLPValue($0.value)) }
    }
}

extension OTLPSpan {
    /// Converts a span to its wire model.
    package init(_ span: SpanData) {
        self.init(traceID: span.context.traceID, spanID: span.context.spanID)
        parentSpanID = span.parentSpanID
        traceState = span.context.traceState
        flags = UInt32(span.context.traceFlags.rawValue) | OTLPFlags.hasIsRemote
        if span.parentSpanID != nil, span.parentIsRemote { flags |= OTLPFlags.isRemote }
        name = span.name
        kind = OTLPSpanKind(span.kind)
        startTime = span.startTime
        endTime = span.endTime
        attributes = [OTLPKeyValue](span.attributes)
        droppedAttributesCount = UInt32(clamping: span.droppedAttributesCount)
        events = span.events.map { event in
            var result = OTLPEvent()
            result.time = event.nanosecondsSinceEpoch ?? 0
            result.name = event.name
            result.attributes = [OTLPKeyValue](event.attributes)
            return result
        }
        droppedEventsCount = UInt32(clamping: span.droppedEventsCount)
        droppedLinksCount = UInt32(clamping: span.droppedLinksCount)
        links = span.links.compactMap { link in
            guard let context = link.context.spanContext, context.isValid else { return nil }
            var result = OTLPLink(traceID: context.traceID, spanID: context.spanID)
            result.traceState = context.traceState
            result.attributes = [OTLPKeyValue](link.attributes)
            result.flags = OTLPFlags.of(context)
            return result
        }
        if let status = span.status {
            self.status = OTLPStatus(
                code: OTLPStatus.Code(status.code), message: status.code == .error ? status.message ?? "" : "")
        }
    }
}

extension OTLPLogRecord {
    /// Converts a record to its wire model.
    package init(_ record: LogRecordData) {
        self.init()
        time = record.timestamp
        observedTime = record.observedTimestamp
        severityNumber = Int32(clamping: record.severityNumber)
        severityText = record.severityText
        body = .string(record.body)
        attributes = [OTLPKeyValue](record.attributes)
        if let context = record.spanContext, context.isValid {
            flags = UInt32(context.traceFlags.rawValue)
            traceID = context.traceID
            spanID = context.spanID
        }
    }
}
