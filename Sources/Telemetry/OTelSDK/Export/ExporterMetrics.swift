import Metrics
import Synchronization
import Vocabulary

/// An exporter's metrics about itself (semantic conventions, "OpenTelemetry SDK metrics").
final class ExporterMetrics: Sendable {
    private let names: OTLPSignalNames
    private let component: [(String, String)]
    private let factory: any MetricsFactory
    private let exported: Counter
    private let inflight: Gauge
    private let duration: Histogram
    private let failures = Mutex<[String: (counter: Counter, duration: Histogram)]>([:])

    init(_ names: OTLPSignalNames, wireProtocol: OTLPExporterConfiguration.WireProtocol, factory: any MetricsFactory) {
        self.names = names
        self.factory = factory
        let isJSON = wireProtocol == .httpJSON
        let type = "otlp_http_\(isJSON ? "json_" : "")\(names.metric)_exporter"
        component = [(Attribute.componentType, type), (Attribute.componentName, type + "/0")]
        exported = Self.exported(names, component, factory)
        inflight = Gauge(
            label: "otel.sdk.exporter.\(names.metric).inflight",
            description: "The number of \(names.items) handed to the exporter whose export has not ended.",
            unit: names.unit, dimensions: component, factory: factory)
        duration = Self.duration(component, factory)
    }

    private static func exported(
        _ names: OTLPSignalNames, _ dimensions: [(String, String)], _ factory: any MetricsFactory
    ) -> Counter {
        Counter(
            label: "otel.sdk.exporter.\(names.metric).exported",
            description: "The number of \(names.items) whose export has ended, well or with an error.",
            unit: names.unit, dimensions: dimensions, factory: factory)
    }

    private static func duration(_ dimensions: [(String, String)], _ factory: any MetricsFactory) -> Histogram {
        Histogram(
            label: "otel.sdk.exporter.operation.duration",
            description: "How long exporting one batch took, retries included.", dimensions: dimensions,
            factory: factory)
    }

    /// Records the start of an export of `count` items.
    func began(_ count: Int) { inflight.add(Double(count)) }

    /// Records the end of an export.
    func ended(_ count: Int, _ result: ExportResult, took duration: Duration) {
        inflight.add(-Double(count))
        switch result {
        case .success(let rejected):
            exported.increment(by: Int64(count - rejected))
            self.duration.record(duration / .seconds(1))
            // Refused items count as failed, under the name given by the conventions.
            if rejected > 0 { instruments("rejected").counter.increment(by: Int64(rejected)) }
        case .failure(let reason):
            gaveUp(count, reason)
            instruments(reason).duration.record(duration / .seconds(1))
        case .retryable(let reason, _):
            // The batch is not finished yet, so only the time is recorded.
            instruments(reason).duration.record(duration / .seconds(1))
        }
    }

    /// Records that a batch of `count` will not be retried.
    func gaveUp(_ count: Int, _ reason: String) { instruments(reason).counter.increment(by: Int64(count)) }

    private func instruments(_ errorType: String) -> (counter: Counter, duration: Histogram) {
        failures.withLock { failures in
            if let instruments = failures[errorType] { return instruments }
            let dimensions = component + [(Attribute.errorType, errorType)]
            let instruments = (
                counter: Self.exported(names, dimensions, factory), duration: Self.duration(dimensions, factory)
            )
            failures[errorType] = instruments
            return instruments
        }
    }
}
