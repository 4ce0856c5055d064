/// Makes the handlers behind counters, gauges, histograms: a metrics backend. Safe to use from any thread.
///
/// Labels are OpenTelemetry metric names (`http.server.request.duration`); dimensions are attribute names and values.
/// Making a handler twice for the same label and dimensions gives the same one.
public protocol MetricsFactory: Sendable {
    /// A monotonic count.
    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    /// A value that goes up and down.
    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    /// A distribution. `buckets` are ascending upper bounds, in `unit`.
    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler
    /// A value read when the metrics are collected; `read` may be called from any thread and must be quick.
    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double)
}

/// What an observed value is.
public enum ObservableKind: Sendable {
    /// A monotonic count.
    case counter
    /// A value that goes up and down.
    case gauge
}

/// The backend of a ``Counter``.
public protocol CounterHandler: Sendable {
    /// Adds `amount`, not negative.
    func increment(by amount: Int64)
}

/// The backend of a ``Gauge``.
public protocol GaugeHandler: Sendable {
    /// Sets the value.
    func record(_ value: Double)
    /// Adds `amount`, which may be negative.
    func add(_ amount: Double)
}

/// The backend of a ``Histogram``.
public protocol HistogramHandler: Sendable {
    /// Records one value. The backend may attach the current trace as an exemplar.
    func record(_ value: Double)
}

/// A metrics backend that keeps nothing.
public struct NOOPMetricsHandler: MetricsFactory, CounterHandler, GaugeHandler, HistogramHandler {
    /// Creates the backend.
    public init() {}
    /// Keeps nothing.
    public func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    { self }
    /// Keeps nothing.
    public func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    { self }
    /// Keeps nothing.
    public func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler { self }
    /// Keeps nothing.
    public func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) {}
    /// Does nothing.
    public func increment(by amount: Int64) {}
    /// Does nothing.
    public func record(_ value: Double) {}
    /// Does nothing.
    public func add(_ amount: Double) {}
}
