import EventLoop
import HTTP
import Logging
import Metrics
import OTelSDK

/// Connects the batch processors to the OTLP exporters, for each signal that has an endpoint.
struct ExportWiring {
    let settings: OTelConfiguration
    let client: HTTPClient
    let eventLoop: EventLoop
    let metrics: any MetricsFactory
    let logger: Logger

    /// Exports spans in batches to their endpoint. Without an endpoint, spans are discarded.
    func spanProcessor() -> any SpanProcessor {
        guard !settings.isDisabled,
            let exporter = OTLPHTTPSpanExporter(
                configuration: settings.exporter.traces, resource: settings.resource, version: OTelSDK.version,
                client: client, eventLoop: eventLoop, logger: logger, metrics: metrics)
        else { return MultiSpanProcessor([]) }
        return BatchSpanProcessor(
            exporter: exporter, configuration: settings.batchSpanProcessor, eventLoop: eventLoop, logger: logger,
            metrics: metrics)
    }

    /// Exports log records in batches to their endpoint, in addition to file and stdout; `nil` if no endpoint is set.
    func logProcessor() -> BatchLogRecordProcessor? {
        guard !settings.isDisabled,
            let exporter = OTLPHTTPLogRecordExporter(
                configuration: settings.exporter.logs, resource: LokiLogRecords.resource(settings.resource),
                version: OTelSDK.version, client: client, eventLoop: eventLoop, logger: logger, metrics: metrics)
        else { return nil }
        return BatchLogRecordProcessor(
            exporter: exporter, configuration: settings.batchLogRecordProcessor, eventLoop: eventLoop, logger: logger,
            metrics: metrics)
    }
}
