import TraceContext

/// An `ExportLogsServiceRequest`, as received: records grouped by resource and scope.
package struct OTLPLogs: Sendable, Hashable {
    package var resourceLogs: [OTLPResourceLogs]

    package init(resourceLogs: [OTLPResourceLogs] = []) { self.resourceLogs = resourceLogs }

    /// The number of records.
    package var recordCount: Int { resourceLogs.reduce(0) { $0 + $1.records.count } }
}

/// The log records of one scope of one resource. A resource with several scopes appears once for each.
package struct OTLPResourceLogs: Sendable, Hashable {
    /// The resource's attributes, such as `service.name`.
    package var resource: [OTLPKeyValue]
    /// The schema URL of the resource's attributes (`schema_url`); empty for none.
    package var resourceSchemaURL: String
    package var scope: OTLPScope
    package var records: [OTLPLogRecord]

    package init(
        resource: [OTLPKeyValue] = [], resourceSchemaURL: String = "", scope: OTLPScope = OTLPScope(),
        records: [OTLPLogRecord] = []
    ) {
        self.resource = resource
        self.resourceSchemaURL = resourceSchemaURL
        self.scope = scope
        self.records = records
    }
}

/// A log record in OTLP. Times are nanoseconds since the Unix epoch; 0 means unknown.
package struct OTLPLogRecord: Sendable, Hashable {
    package var time: UInt64 = 0
    package var observedTime: UInt64 = 0
    /// 1 (trace) to 24 (fatal 4); 0 means unknown.
    package var severityNumber: Int32 = 0
    package var severityText = ""
    package var body = OTLPValue.empty
    package var attributes: [OTLPKeyValue] = []
    package var droppedAttributesCount: UInt32 = 0
    /// The W3C trace flags in the low byte.
    package var flags: UInt32 = 0
    /// The trace that the line belongs to, if any.
    package var traceID: TraceID?
    package var spanID: SpanID?
    package var eventName = ""

    package init() {}
}
