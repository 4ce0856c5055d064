import TraceContext

extension OTLPSpan {
    init(protobuf reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        var traceID: TraceID?
        var spanID: SpanID?
        self.init(traceID: TraceID(high: 0, low: 0), spanID: SpanID(value: 0))
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.Span.traceID: traceID = try reader.traceID()
            case OTLPField.Span.spanID: spanID = try reader.spanID()
            case OTLPField.Span.traceState: traceState = try reader.string()
            case OTLPField.Span.parentSpanID: parentSpanID = try reader.spanID()
            case OTLPField.Span.name: name = try reader.string()
            case OTLPField.Span.kind: kind = OTLPSpanKind(rawValue: Int32(bitPattern: try reader.uint32()))
            case OTLPField.Span.startTime: startTime = try reader.fixed64()
            case OTLPField.Span.endTime: endTime = try reader.fixed64()
            case OTLPField.Span.attributes: attributes.append(try reader.keyValue())
            case OTLPField.Span.droppedAttributesCount: droppedAttributesCount = try reader.uint32()
            case OTLPField.Span.events: events.append(try OTLPEvent(protobuf: reader.message()))
            case OTLPField.Span.droppedEventsCount: droppedEventsCount = try reader.uint32()
            case OTLPField.Span.links: links.append(try OTLPLink(protobuf: reader.message()))
            case OTLPField.Span.droppedLinksCount: droppedLinksCount = try reader.uint32()
            case OTLPField.Span.status: status = try OTLPStatus(protobuf: reader.message())
            case OTLPField.Span.flags: flags = try reader.fixed32()
            default: try reader.skip()
            }
        }
        guard let traceID, let spanID else {
            throw ProtobufError(message: "a span without a valid trace id and span id", offset: reader.offset)
        }
        self.traceID = traceID
        self.spanID = spanID
    }
}

extension OTLPEvent {
    init(protobuf reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        self.init()
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.Event.time: time = try reader.fixed64()
            case OTLPField.Event.name: name = try reader.string()
            case OTLPField.Event.attributes: attributes.append(try reader.keyValue())
            case OTLPField.Event.droppedAttributesCount: droppedAttributesCount = try reader.uint32()
            default: try reader.skip()
            }
        }
    }
}

extension OTLPLink {
    init(protobuf reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        var traceID: TraceID?
        var spanID: SpanID?
        self.init(traceID: TraceID(high: 0, low: 0), spanID: SpanID(value: 0))
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.Link.traceID: traceID = try reader.traceID()
            case OTLPField.Link.spanID: spanID = try reader.spanID()
            case OTLPField.Link.traceState: traceState = try reader.string()
            case OTLPField.Link.attributes: attributes.append(try reader.keyValue())
            case OTLPField.Link.droppedAttributesCount: droppedAttributesCount = try reader.uint32()
            case OTLPField.Link.flags: flags = try reader.fixed32()
            default: try reader.skip()
            }
        }
        guard let traceID, let spanID else {
            throw ProtobufError(message: "a link without a valid trace id and span id", offset: reader.offset)
        }
        self.traceID = traceID
        self.spanID = spanID
    }
}

extension OTLPStatus {
    init(protobuf reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        self.init()
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.Status.message: message = try reader.string()
            case OTLPField.Status.code: code = Code(rawValue: Int32(bitPattern: try reader.uint32()))
            default: try reader.skip()
            }
        }
    }
}
