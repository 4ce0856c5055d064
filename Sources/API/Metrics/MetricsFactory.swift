/// Creates the handlers behind counters, gauges and histograms: a metrics backend. Safe to use from any thread.
///
/// Labels are OpenTelemetry metric names (`http.server.request.duration`). Dimensions are attribute names and values.
/// Creating a handler twice for the same label and dimensions returns the same one.
public protocol MetricsFactory: Sendable {
    /// Creates a monotonic counter.
    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    /// Creates a gauge, whose value can go up and down.
    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    /// Creates a histogram. `buckets` are ascending upper bounds, in `unit`.
    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler
    /// Registers a value that is read when metrics are collected. `read` may be called from any thread and must be
    /// fast.
    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double)
}

/// The type of an observed value.
public enum ObservableKind: Sendable {
    /// A monotonic counter.
    case counter
    /// A value that can go up and down.
    case gauge
}

/// The backend of a ``Counter``.
public protocol CounterHandler: Sendable {
    /// Adds `amount`, which must not be negative.
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

/// A metrics backend that discards everything.
public struct NOOPMetricsHandler: MetricsFactory, CounterHandler, GaugeHandler, HistogramHandler {
    /// Creates the backend.
    public init() {}
    /// Discards everything.
    public func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    { self }
    /// Discards everything.
    public func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    { self }
    /// Discards everything.
    public func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler { self }
    /// Discards everything.
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
