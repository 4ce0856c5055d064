import EventLoop
import HTTP
import LogOutput
import Logging
import Metrics
import OTel

/// Connects the batch processors with the OTLP exporters, for the signals that have an endpoint.
struct ExportWiring {
    let settings: OTelConfiguration
    let client: HTTPClient
    let eventLoop: EventLoop
    let metrics: any MetricsFactory
    let logger: Logger

    /// Spans in batches to their endpoint; without one they go nowhere.
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

    /// Log records in batches to their endpoint, in addition to file and stdout; `nil` unless that is set.
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
