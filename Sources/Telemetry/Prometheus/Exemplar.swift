/// The span in which a value was recorded, as numbers. Text is created only when the metrics are read.
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

/// The source of exemplars for a registry's instruments.
struct ExemplarSource: Sendable {
    /// The current span; `nil` if there is none or it is not sampled.
    var current: @Sendable () -> Exemplar?
    /// Nanoseconds since the Unix epoch.
    var now: @Sendable () -> UInt64
    /// How long a place keeps an exemplar before it takes the next one, in nanoseconds. Finding the current span costs
    /// more than counting, and nobody sees most exemplars of a scrape interval.
    var minimumAge: UInt64

    /// The exemplar of a value that is recorded now; `nil` if there is no span, or if the place's last one, from
    /// `last`, is not old enough.
    @inline(__always)
    func record(_ value: Double, last: UInt64?) -> RecordedExemplar? {
        let now = now()
        // A clock that was set back must not silence exemplars.
        if let last, now >= last, now - last < minimumAge { return nil }
        return current().map { RecordedExemplar(exemplar: $0, value: value, timestamp: now) }
    }
}

/// An exemplar with its value.
struct RecordedExemplar: Sendable {
    var exemplar: Exemplar
    var value: Double
    /// Nanoseconds since the Unix epoch.
    var timestamp: UInt64
}
