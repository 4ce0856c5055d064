import Encoding
import Metrics
import Synchronization

/// A registry of metrics for a Prometheus server. Safe to use from any thread.
///
/// Names follow OpenTelemetry's "Prometheus and OpenMetrics Compatibility": `http.server.request.duration` in `s`
/// becomes `http_server_request_duration_seconds`. If a metric is created several times, its first description, unit
/// and buckets apply. A name cannot have two types: creating a gauge with the name of an existing counter is a
/// programming error and stops the process with a message, at the place of the call.
///
/// A metric has at most 2000 series. Anything beyond that is counted in one additional series, labelled
/// `otel_metric_overflow="true"`.
public final class PrometheusMetricsFactory: MetricsFactory {
    private struct Registry {
        /// The families by base name.
        var families: [String: MetricFamily] = [:]
        /// The names in use, each with the base name of its family.
        var claims: [String: String] = [:]
        /// Finds a family without building its name again.
        var names: [Key: String] = [:]
    }

    private struct Key: Hashable {
        var label: String
        var unit: String
        var kind: MetricKind
    }

    private let registry = Mutex(Registry())
    private let source: ExemplarSource
    private let seriesLimit: Int

    /// Creates an empty registry.
    /// - Parameter exemplar: returns the current sampled span or `nil`. Called under a lock, for a value recorded by a
    ///   counter or histogram whose last exemplar is older than 10 ms, so it must be fast and must not record.
    public convenience init(exemplar: @escaping @Sendable () -> Exemplar? = { nil }) {
        // Nobody looks at an exemplar's time for less than a scrape interval.
        self.init(exemplar: exemplar, clock: .coarse, exemplarAge: 10_000_000)
    }

    package init(
        exemplar: @escaping @Sendable () -> Exemplar? = { nil }, clock: WallClock, exemplarAge: UInt64 = 0,
        seriesLimit: Int = 2000
    ) {
        source = ExemplarSource(current: exemplar, now: { clock.now() }, minimumAge: exemplarAge)
        self.seriesLimit = max(seriesLimit, 1)
    }

    /// Creates a monotonic counter, exposed with the suffix `_total`.
    public func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    {
        let series = series(label, description, unit, .counter, dimensions) { _ in
            .counter(CounterSeries(source: source))
        }
        guard case .counter(let handler) = series else { fatalError("a counter family holds counters only") }
        return handler
    }

    /// Creates a gauge, whose value can go up and down.
    public func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    {
        let series = series(label, description, unit, .gauge, dimensions) { _ in .gauge(GaugeSeries()) }
        guard case .gauge(let handler) = series else { fatalError("a gauge family holds gauges only") }
        return handler
    }

    /// Creates a histogram. All series of a metric use the buckets of the first one, sorted, without duplicates, and
    /// with infinity added.
    public func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler {
        let series = series(label, description, unit, .histogram, dimensions, bounds: HistogramSeries.bounds(buckets)) {
            .histogram(HistogramSeries(bounds: $0, source: source))
        }
        guard case .histogram(let handler) = series else { fatalError("a histogram family holds histograms only") }
        return handler
    }

    /// Registers a value that is read on each ``expose(accept:)``. The last registration with the same label and
    /// dimensions wins.
    public func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) {
        let kind: MetricKind =
            switch kind {
            case .counter: .counter
            case .gauge: .gauge
            }
        registry.withLock { registry in
            let base = Self.family(&registry, label, description, unit, kind, [])
            registry.families[base]?.observe(dimensions, limit: seriesLimit, read: read)
        }
    }

    private func series(
        _ label: String, _ description: String, _ unit: String, _ kind: MetricKind, _ dimensions: [(String, String)],
        bounds: [Double] = [], make: ([Double]) -> MetricFamily.Series
    ) -> MetricFamily.Series {
        registry.withLock { registry in
            let base = Self.family(&registry, label, description, unit, kind, bounds)
            guard let familyBounds = registry.families[base]?.bounds,
                let series = registry.families[base]?.series(
                    dimensions, limit: seriesLimit, make: { make(familyBounds) })
            else { fatalError("a family is there once it has been looked up") }
            return series
        }
    }

    /// Returns the base name of the family, creating the family if necessary.
    private static func family(
        _ registry: inout Registry, _ label: String, _ description: String, _ unit: String, _ kind: MetricKind,
        _ bounds: @autoclosure () -> [Double]
    ) -> String {
        let key = Key(label: label, unit: unit, kind: kind)
        if let base = registry.names[key] { return base }
        let name = MetricName(label: label, unit: unit, kind: kind)
        for claim in kind.claims(name.base) {
            guard let owner = registry.claims[claim], let other = registry.families[owner] else { continue }
            precondition(
                owner == name.base && other.kind == kind,
                "the metric \(label) cannot be a \(kind.rawValue): \(claim) is already part of the \(other.kind.rawValue) \(owner)"
            )
        }
        for claim in kind.claims(name.base) { registry.claims[claim] = name.base }
        if registry.families[name.base] == nil {
            registry.families[name.base] = MetricFamily(
                name: name, kind: kind, help: description.isEmpty ? "The metric \(label)." : description,
                bounds: bounds())
        }
        registry.names[key] = name.base
        return name.base
    }

    /// Returns all metrics in a scraper's format, sorted by name and labels: OpenMetrics 1.0 if `accept` prefers it,
    /// otherwise the Prometheus text format 0.0.4.
    /// - Parameter accept: the request's `Accept` header.
    public func expose(accept: String?) -> (contentType: String, body: [UInt8]) {
        let format = ExpositionFormat(accept: accept)
        let families = registry.withLock { Array($0.families.values) }
        var writer = ExpositionWriter(format: format)
        // Values are read outside the lock, because an observation may be slow or create metrics itself.
        for family in families.sorted(by: { $0.name.base < $1.name.base }) { writer.write(family) }
        return (format.contentType, writer.finish())
    }
}
