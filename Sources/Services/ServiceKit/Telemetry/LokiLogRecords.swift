import OTelSDK
import TraceContext
import Tracing
import Vocabulary

/// Adds to log records the fields that Loki has for tailed lines, under the same names: the level, which becomes a
/// label, and fields that OTLP stores elsewhere or under other names. See ``LokiShape``.
package struct LokiLogRecords: LogRecordProcessor {
    private let next: any LogRecordProcessor

    package init(next: any LogRecordProcessor) { self.next = next }

    package func onEmit(_ record: LogRecordData) {
        var record = record
        record.attributes[LogField.level] = .string(record.severityText)
        if let span = record.spanContext { record.attributes[LogField.traceSampled] = .bool(span.isSampled) }
        if record.attributes[LogField.errorType] == nil {
            record.attributes[LogField.errorType] = record.attributes[Attribute.exceptionType]
        }
        if record.attributes[LogField.errorMessage] == nil,
            case .string(let message)? = record.attributes[Attribute.exceptionMessage]
        {
            record.attributes[LogField.errorMessage] = .string(LokiShape.cut(message))
        }
        next.onEmit(record)
    }

    package func forceFlush() async { await next.forceFlush() }

    package func shutdown() async { await next.shutdown() }

    /// The resource of the records. Loki's labels `job` and `service` can only come from it. Values that are set
    /// explicitly win.
    package static func resource(_ resource: Resource) -> Resource {
        var attributes: SpanAttributes = [LokiShape.job: .string(LogStreams.namespace)]
        attributes[LogField.service] = resource.attributes[Attribute.serviceName]
        attributes.merge(resource.attributes)
        return Resource(attributes: attributes, schemaURL: resource.schemaURL)
    }
}
