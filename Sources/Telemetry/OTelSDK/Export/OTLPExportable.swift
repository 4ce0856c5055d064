import OTLP

/// A type that the OTLP exporter can send. The exporter is generic over spans and log records.
protocol OTLPExportable: Sendable {
    static var names: OTLPSignalNames { get }
    static func protobuf(_ batch: [Self], _ writer: inout OTLPRequestWriter) -> [UInt8]
    static func json(_ batch: [Self], resource: Resource, scope: OTLPScope) -> [UInt8]
}

/// The names that differ between the signals (semantic conventions, "OpenTelemetry SDK metrics").
struct OTLPSignalNames: Sendable {
    var kind: OTLPSignalKind
    /// The part used in metric names.
    var metric: String
    /// The metrics' unit.
    var unit: String
    /// The plural used in messages.
    var items: String

    /// A count with its noun.
    func counted(_ count: Int) -> String { count == 1 ? "1 " + items.dropLast() : "\(count) \(items)" }
}

extension SpanData: OTLPExportable {
    static let names = OTLPSignalNames(kind: .traces, metric: "span", unit: "{span}", items: "spans")

    static func protobuf(_ batch: [SpanData], _ writer: inout OTLPRequestWriter) -> [UInt8] { writer.request(batch) }

    static func json(_ batch: [SpanData], resource: Resource, scope: OTLPScope) -> [UInt8] {
        let group = OTLPResourceSpans(
            resource: [OTLPKeyValue](resource.attributes), resourceSchemaURL: resource.schemaURL, scope: scope,
            spans: batch.map { OTLPSpan($0) })
        return OTLPJSONEncoder.request(OTLPTraces(resourceSpans: [group]))
    }
}

extension LogRecordData: OTLPExportable {
    static let names = OTLPSignalNames(kind: .logs, metric: "log", unit: "{log_record}", items: "log records")

    static func protobuf(_ batch: [LogRecordData], _ writer: inout OTLPRequestWriter) -> [UInt8] {
        writer.request(batch)
    }

    static func json(_ batch: [LogRecordData], resource: Resource, scope: OTLPScope) -> [UInt8] {
        let group = OTLPResourceLogs(
            resource: [OTLPKeyValue](resource.attributes), resourceSchemaURL: resource.schemaURL, scope: scope,
            records: batch.map { OTLPLogRecord($0) })
        return OTLPJSONEncoder.request(OTLPLogs(resourceLogs: [group]))
    }
}
