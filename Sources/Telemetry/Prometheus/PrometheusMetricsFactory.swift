import Encoding
import Metrics
import Synchronization

/// A registry of metrics that a Prometheus server reads. Safe to use from any thread.
///
/// Names follow OpenTelemetry's "Prometheus and OpenMetrics Compatibility": `http.server.request.duration` in `s` becomes
/// `http_server_request_duration_seconds`. Of a metric that is made several times the first description, unit and
/// buckets count. A name cannot be of two kinds: making a gauge where a counter of that name is there is a programming
/// error and stops the process with a message, at the place where it is made.
///
/// A metric has at most 2000 series; whatever would exceed that is counted in one more, labelled
/// `otel_metric_overflow="true"`.
public final class PrometheusMetricsFactory: MetricsFactory {
    private struct Registry {
        /// By base name.
        var families: [String: MetricFamily] = [:]
        /// Who has taken a name: the base name of its family.
        var claims: [String: String] = [:]
        /// Finds a family without building its name anew.
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
    /// - Parameter exemplar: gives the sampled span of the moment a value is recorded, or `nil`; called on every
    ///   recording of a counter or histogram, so it must be quick.
    public convenience init(exemplar: @escaping @Sendable () -> Exemplar? = { nil }) {
        self.init(exemplar: exemplar, clock: .system)
    }

    package init(
        exemplar: @escaping @Sendable () -> Exemplar? = { nil }, clock: WallClock, seriesLimit: Int = 2000
    ) {
        source = ExemplarSource(current: exemplar, now: { clock.now() })
        self.seriesLimit = max(seriesLimit, 1)
    }

    /// A monotonic count, exposed with the suffix `_total`.
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

    /// A value that goes up and down.
    public func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    {
        let series = series(label, description, unit, .gauge, dimensions) { _ in .gauge(GaugeSeries()) }
        guard case .gauge(let handler) = series else { fatalError("a gauge family holds gauges only") }
        return handler
    }

    /// A distribution. The buckets of a metric's first series count for all of them; they are sorted and made unique,
    /// the infinite one is added.
    public func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler {
        let series = series(label, description, unit, .histogram, dimensions, bounds: HistogramSeries.bounds(buckets)) {
            .histogram(HistogramSeries(bounds: $0, source: source))
        }
        guard case .histogram(let handler) = series else { fatalError("a histogram family holds histograms only") }
        return handler
    }

    /// A value read on each ``expose(accept:)``; of two with the same label and dimensions the last one counts.
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

    /// The base name of the family, which is there afterwards.
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

    /// All metrics as a scraper reads them, sorted by name and labels: OpenMetrics 1.0 if `accept` prefers it, else the
    /// Prometheus text format 0.0.4.
    /// - Parameter accept: the request's `Accept` field.
    public func expose(accept: String?) -> (contentType: String, body: [UInt8]) {
        let format = ExpositionFormat(accept: accept)
        let families = registry.withLock { Array($0.families.values) }
        var writer = ExpositionWriter(format: format)
        // Values are read outside the lock: an observation may take its time, or make metrics of its own.
        for family in families.sorted(by: { $0.name.base < $1.name.base }) { writer.write(family) }
        return (format.contentType, writer.finish())
    }
}
