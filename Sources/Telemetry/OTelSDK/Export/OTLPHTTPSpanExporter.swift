import EventLoop
import HTTP
import Logging
import Metrics
import OTLP

/// Sends spans over OTLP/HTTP (OpenTelemetry Protocol 1.x) as protobuf or JSON, optionally with gzip.
///
/// Connection errors and the statuses 429, 502, 503 and 504 are retried with exponential backoff and jitter, respecting
/// `Retry-After`, until the signal's timeout expires. After that, the batch processor waits and retries. Permanent
/// failures are counted (`otel.sdk.exporter.span.exported` with `error.type`). All failures are logged at level
/// `warning`, at most once in 30 s per reason. Safe to use from any thread.
public struct OTLPHTTPSpanExporter: EncodedSpanExporter {
    private let exporter: OTLPHTTPExporter<SpanData>

    /// Creates an exporter; `nil` if the configuration has no endpoint, in which case nothing is exported.
    /// - Parameters:
    ///   - configuration: the settings of the signal.
    ///   - resource: the source of all spans.
    ///   - version: the version of the instrumentation scope `tailspan`.
    ///   - client: sends the requests; must not trace them.
    ///   - eventLoop: times the waits between attempts.
    ///   - logger: receives failures.
    ///   - metrics: receives the exporter's metrics.
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

    /// Sends a batch and waits for the response, including retries.
    public func export(_ batch: [SpanData]) async -> ExportResult { await exporter.export(batch) }

    /// Only protobuf can be encoded span by span.
    var takesEncodedSpans: Bool { exporter.wireProtocol == .httpProtobuf }

    func export(_ batch: EncodedSpans) async -> ExportResult {
        await exporter.export(batch.count) { writer in batch.withUnsafeBytes { writer.request(ofItems: $0) } }
    }

    /// Counts and logs a batch that will not be retried.
    public func giveUp(_ count: Int, reason: String) { exporter.giveUp(count, reason: reason) }

    /// Refuses further batches. A batch in progress is not retried.
    public func shutdown() async { exporter.shutdown() }
}
