/// A monotonic counter. All instruments are modelled on swift-metrics' types. Safe to use from any thread.
public struct Counter: Sendable {
    private let handler: any CounterHandler

    /// Creates a counter in `factory`. `unit` is a UCUM unit such as `{span}` or `By`.
    public init(
        label: String, description: String = "", unit: String = "", dimensions: [(String, String)] = [],
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        handler = factory.makeCounter(label: label, description: description, unit: unit, dimensions: dimensions)
    }

    /// Adds `amount`, which must not be negative.
    public func increment(by amount: Int64 = 1) { handler.increment(by: amount) }
    /// Adds `amount`, which must not be negative.
    @inlinable public func increment(by amount: some BinaryInteger) { increment(by: Int64(clamping: amount)) }
}

/// A value that can go up and down. Safe to use from any thread.
public struct Gauge: Sendable {
    private let handler: any GaugeHandler

    /// Creates a gauge in `factory`.
    public init(
        label: String, description: String = "", unit: String = "", dimensions: [(String, String)] = [],
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        handler = factory.makeGauge(label: label, description: description, unit: unit, dimensions: dimensions)
    }

    /// Sets the value.
    public func record(_ value: Double) { handler.record(value) }
    /// Sets the value.
    @inlinable public func record(_ value: some BinaryInteger) { record(Double(value)) }
    /// Adds `amount`, which may be negative.
    public func add(_ amount: Double) { handler.add(amount) }
}

/// A distribution of values. Safe to use from any thread.
public struct Histogram: Sendable {
    /// The upper bounds for durations, in seconds: those recommended by the HTTP semantic conventions, and four smaller
    /// ones.
    ///
    /// The recommended bounds begin at 5 ms, but a service on the same machine answers in a fraction of that. All
    /// values would fall into the first bucket, and every quantile would be interpolated between 0 and 5 ms.
    public static let durationBuckets: [Double] = [
        0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]

    private let handler: any HistogramHandler

    /// Creates a histogram in `factory`. `buckets` are ascending upper bounds in `unit`.
    public init(
        label: String, description: String = "", unit: String = "s", buckets: [Double] = Histogram.durationBuckets,
        dimensions: [(String, String)] = [], factory: any MetricsFactory = MetricsSystem.factory
    ) {
        handler = factory.makeHistogram(
            label: label, description: description, unit: unit, buckets: buckets, dimensions: dimensions)
    }

    /// Records one value.
    public func record(_ value: Double) { handler.record(value) }
    /// Records one value.
    @inlinable public func record(_ value: some BinaryInteger) { record(Double(value)) }
}
