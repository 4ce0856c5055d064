import Encoding

/// Counts durations in buckets whose width grows with the value: 128 equal buckets between one power of two (in
/// nanoseconds) and the next. A bucket is reported as its middle, so a reported value is off by at most 1/256 (0.4 %);
/// below 256 ns, and at the minimum and maximum, it is exact. At most 7,424 counters, however many durations.
package struct LatencyHistogram: Sendable, Equatable {
    private var counts: [UInt64] = []
    package private(set) var count: UInt64 = 0
    private var smallest: UInt64 = .max
    private var largest: UInt64 = 0
    private var sum: Double = 0

    package init() {}

    /// Counts a duration; a negative one counts as 0.
    package mutating func record(_ duration: Duration) {
        record(nanoseconds: UInt64(max(0, duration.wholeNanoseconds)))
    }

    package mutating func record(nanoseconds value: UInt64) {
        let index = Self.index(of: value)
        if index >= counts.count { counts += Array(repeating: 0, count: index + 1 - counts.count) }
        counts[index] += 1
        count += 1
        smallest = Swift.min(smallest, value)
        largest = Swift.max(largest, value)
        sum += Double(value)
    }

    /// Adds the counts of another histogram.
    package mutating func merge(_ other: LatencyHistogram) {
        if other.counts.count > counts.count {
            counts += Array(repeating: 0, count: other.counts.count - counts.count)
        }
        for (index, value) in other.counts.enumerated() { counts[index] += value }
        count += other.count
        smallest = Swift.min(smallest, other.smallest)
        largest = Swift.max(largest, other.largest)
        sum += other.sum
    }

    package var minimum: Duration { count == 0 ? .zero : .nanoseconds(Int64(clamping: smallest)) }
    package var maximum: Duration { .nanoseconds(Int64(clamping: largest)) }
    package var mean: Duration { count == 0 ? .zero : .nanoseconds(Int64(sum / Double(count))) }

    /// The smallest duration that at least the fraction `quantile` (0 to 1) of all durations do not exceed (nearest
    /// rank). Zero if nothing was counted.
    package func quantile(_ quantile: Double) -> Duration {
        guard count > 0 else { return .zero }
        let rank = Swift.max(1, UInt64((Swift.min(1, Swift.max(0, quantile)) * Double(count)).rounded(.up)))
        if rank >= count { return maximum }
        var seen: UInt64 = 0
        for (index, value) in counts.enumerated() {
            seen += value
            if seen >= rank {
                let middle = Swift.min(Swift.max(Self.middle(of: index), smallest), largest)
                return .nanoseconds(Int64(clamping: middle))
            }
        }
        return maximum
    }

    // Values below 256 have a bucket each. From there a value of `bits` significant bits keeps its first eight.
    private static func index(of value: UInt64) -> Int {
        let shift = Swift.max(0, 64 - value.leadingZeroBitCount - 8)
        return shift * 128 + Int(value >> UInt64(shift))
    }

    private static func middle(of index: Int) -> UInt64 {
        guard index >= 256 else { return UInt64(index) }
        let shift = UInt64(index / 128 - 1)
        let lower = UInt64(index % 128 + 128) << shift
        return lower + (UInt64(1) << shift) / 2
    }
}
