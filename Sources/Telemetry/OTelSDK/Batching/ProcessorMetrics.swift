import Metrics
import Vocabulary

/// The metrics of a batch processor (semantic conventions, "OpenTelemetry SDK metrics"): `otel.sdk.processor.span.*`
/// and `otel.sdk.processor.log.*`.
struct ProcessorMetrics: Sendable {
    /// Passed to the exporter, whatever the outcome.
    let processed: Counter
    /// Dropped because the queue was full.
    let queueFull: Counter
    /// Refused because the processor had been shut down.
    let alreadyShutDown: Counter
    /// Still queued when the shutdown ran out of time.
    let givenUp: Counter

    private let prefix: String
    private let unit: String
    private let component: [(String, String)]

    init(signal: String, unit: String, componentType: String, componentName: String, factory: any MetricsFactory) {
        let prefix = "otel.sdk.processor.\(signal)"
        let component = [(Attribute.componentType, componentType), (Attribute.componentName, componentName)]
        func processed(_ errorType: String?) -> Counter {
            Counter(
                label: prefix + ".processed",
                description: "The number of records for which processing has finished, successfully or not.",
                unit: unit, dimensions: component + (errorType.map { [(Attribute.errorType, $0)] } ?? []),
                factory: factory)
        }
        self.processed = processed(nil)
        queueFull = processed("queue_full")
        alreadyShutDown = processed("already_shutdown")
        givenUp = processed("shutdown_timeout")
        self.prefix = prefix
        self.unit = unit
        self.component = component
    }

    /// Publishes the queue's size, which `size` returns when metrics are collected, and its capacity.
    func observeQueue(capacity: Int, in factory: any MetricsFactory, size: @escaping @Sendable () -> Int) {
        factory.observe(
            label: prefix + ".queue.size", description: "The number of records waiting or being exported.", unit: unit,
            kind: .gauge, dimensions: component, read: { Double(size()) })
        factory.observe(
            label: prefix + ".queue.capacity", description: "The number of records the queue can hold.", unit: unit,
            kind: .gauge, dimensions: component, read: { Double(capacity) })
    }
}
