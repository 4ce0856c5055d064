extension OTLPSpan {
    init(json span: OTLPObject) throws(OTLPDecodingError) {
        guard let traceID = try span.traceID("traceId") else {
            throw OTLPDecodingError(path: "traceId", message: "expected 32 hex digits, not all zero")
        }
        guard let spanID = try span.spanID("spanId") else {
            throw OTLPDecodingError(path: "spanId", message: "expected 16 hex digits, not all zero")
        }
        self.init(traceID: traceID, spanID: spanID)
        parentSpanID = try span.spanID("parentSpanId")
        traceState = try span.string("traceState")
        flags = try span.uint32("flags")
        name = try span.string("name")
        kind = OTLPSpanKind(rawValue: try span.enumeration("kind"))
        startTime = try span.uint64("startTimeUnixNano")
        endTime = try span.uint64("endTimeUnixNano")
        attributes = try span.attributes()
        droppedAttributesCount = try span.uint32("droppedAttributesCount")
        events = try span.elements("events") { event throws(OTLPDecodingError) in try OTLPEvent(json: event) }
        droppedEventsCount = try span.uint32("droppedEventsCount")
        links = try span.elements("links") { link throws(OTLPDecodingError) in try OTLPLink(json: link) }
        droppedLinksCount = try span.uint32("droppedLinksCount")
        status =
            try span.object("status") { status throws(OTLPDecodingError) in
                OTLPStatus(
                    code: OTLPStatus.Code(rawValue: try status.enumeration("code")),
                    message: try status.string("message"))
            } ?? OTLPStatus()
    }
}

extension OTLPEvent {
    fileprivate init(json event: OTLPObject) throws(OTLPDecodingError) {
        self.init()
        time = try event.uint64("timeUnixNano")
        name = try event.string("name")
        attributes = try event.attributes()
        droppedAttributesCount = try event.uint32("droppedAttributesCount")
    }
}

extension OTLPLink {
    fileprivate init(json link: OTLPObject) throws(OTLPDecodingError) {
        guard let traceID = try link.traceID("traceId") else {
            throw OTLPDecodingError(path: "traceId", message: "expected 32 hex digits, not all zero")
        }
        guard let spanID = try link.spanID("spanId") else {
            throw OTLPDecodingError(path: "spanId", message: "expected 16 hex digits, not all zero")
        }
        self.init(traceID: traceID, spanID: spanID)
        traceState = try link.string("traceState")
        attributes = try link.attributes()
        droppedAttributesCount = try link.uint32("droppedAttributesCount")
        flags = try link.uint32("flags")
    }
}
