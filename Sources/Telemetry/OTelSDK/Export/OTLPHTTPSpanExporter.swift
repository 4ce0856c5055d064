import EventLoop
import HTTP
import Logging
import Metrics
import OTLP
import TraceContext

/// Sends spans over OTLP/HTTP (OpenTelemetry Protocol 1.x): protobuf or JSON, gzip if asked for.
///
/// Connection errors and the statuses 429, 502, 503 and 504 are retried with exponential backoff and jitter, `Retry-After`
/// honoured, until the signal's timeout is over; then it is the batch processor that waits and tries again. What fails
/// for good is counted (`otel.sdk.exporter.span.exported` with `error.type`) and all failures are logged at level
/// `warning`, at most once in 30 s for each reason. Safe to use from any thread.
public struct OTLPHTTPSpanExporter: SpanExporter {
    private let exporter: OTLPHTTPExporter<SpanData>

    /// Creates an exporter; `nil` if the configuration names no endpoint: then nothing is to be shipped.
    /// - Parameters:
    ///   - configuration: where and how.
    ///   - resource: what all the spans are about.
    ///   - version: the version of the instrumentation scope `tailspan`.
    ///   - client: sends the requests; must not trace them.
    ///   - eventLoop: measures the waits between attempts.
    ///   - logger: where failures are told.
    ///   - metrics: where the exporter counts.
    public init?(
        configuration: OTLPExporterConfiguration.Signal, resource: Resource, version: String, client: HTTPClient,
        eventLoop: EventLoop, logger: Logger, metrics: any MetricsFactory
    ) {
        self.init(
            configuration: configuration, resource: resource, version: version,
            dependencies: OTLPExporterDependencies(
                client: client, eventLoop: eventLoop, logger: logger, metrics: metrics))
    }

    package init?(
        configuration: OTLPExporterConfiguration.Signal, resource: Resource, version: String,
        dependencies: OTLPExporterDependencies
    ) {
        guard let endpoint = configuration.endpoint else { return nil }
        exporter = OTLPHTTPExporter(
            endpoint: endpoint, configuration: configuration, resource: resource,
            scope: OTLPScope(name: OTelSDK.name, version: version, schemaURL: OTelSDK.schemaURL),
            dependencies: dependencies)
    }

    /// Sends a batch, waiting for the answer and for retries.
    public func export(_ batch: [SpanData]) async -> ExportResult { await exporter.export(batch) }

    /// Counts and logs a batch that is not tried again.
    public func giveUp(_ count: Int, reason: String) { exporter.giveUp(count, reason: reason) }

    /// Refuses further batches; one that is under way is not tried again.
    public func shutdown() async { exporter.shutdown() }
}
