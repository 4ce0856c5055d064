extension OTLPLogRecord {
    init(json record: OTLPObject) throws(OTLPDecodingError) {
        self.init()
        time = try record.uint64("timeUnixNano")
        observedTime = try record.uint64("observedTimeUnixNano")
        severityNumber = try record.enumeration("severityNumber")
        severityText = try record.string("severityText")
        body =
            try record.object("body") { body throws(OTLPDecodingError) in try OTLPValue(json: body) } ?? .empty
        attributes = try record.attributes()
        droppedAttributesCount = try record.uint32("droppedAttributesCount")
        flags = try record.uint32("flags")
        traceID = try record.traceID("traceId")
        spanID = try record.spanID("spanId")
        eventName = try record.string("eventName")
    }
}
