extension OTLPLogRecord {
    init(protobuf reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        self.init()
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.LogRecord.time: time = try reader.fixed64()
            case OTLPField.LogRecord.observedTime: observedTime = try reader.fixed64()
            case OTLPField.LogRecord.severityNumber: severityNumber = Int32(bitPattern: try reader.uint32())
            case OTLPField.LogRecord.severityText: severityText = try reader.string()
            case OTLPField.LogRecord.body: body = try reader.anyValue()
            case OTLPField.LogRecord.attributes: attributes.append(try reader.keyValue())
            case OTLPField.LogRecord.droppedAttributesCount: droppedAttributesCount = try reader.uint32()
            case OTLPField.LogRecord.flags: flags = try reader.fixed32()
            case OTLPField.LogRecord.traceID: traceID = try reader.traceID()
            case OTLPField.LogRecord.spanID: spanID = try reader.spanID()
            case OTLPField.LogRecord.eventName: eventName = try reader.string()
            default: try reader.skip()
            }
        }
    }
}
