/// The span during which a value was recorded, as numbers: no text is built until the metrics are read.
public struct Exemplar: Sendable, Hashable {
    /// The first eight bytes of the trace id, big-endian.
    public var traceHigh: UInt64
    /// The last eight bytes of the trace id, big-endian.
    public var traceLow: UInt64
    /// The span id, big-endian.
    public var spanID: UInt64

    /// Creates an exemplar.
    public init(traceHigh: UInt64, traceLow: UInt64, spanID: UInt64) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.spanID = spanID
    }
}

/// Where the instruments of a registry get their exemplars.
struct ExemplarSource: Sendable {
    /// The span of this moment; `nil` outside any, or if it is not sampled.
    var current: @Sendable () -> Exemplar?
    /// Nanoseconds since the Unix epoch.
    var now: @Sendable () -> UInt64

    func record(_ value: Double) -> RecordedExemplar? {
        current().map { RecordedExemplar(exemplar: $0, value: value, timestamp: now()) }
    }
}

/// An exemplar with the value it stands for.
struct RecordedExemplar: Sendable {
    var exemplar: Exemplar
    var value: Double
    /// Nanoseconds since the Unix epoch.
    var timestamp: UInt64
}
