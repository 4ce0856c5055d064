import Testing

@testable import Workload

@Suite("The latency histogram")
struct LatencyHistogramTests {
    private static let quantiles = [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]

    /// Nanoseconds drawn from shapes that latencies have: even, over many powers of ten, and two heaps.
    private static func values(_ shape: String) -> [UInt64] {
        var generator = SeededGenerator(seed: 11, stream: 0)
        return (0..<20_000).map { index in
            switch shape {
            case "even": 1_000_000 + generator.next(below: 9_000_000)
            case "wide": UInt64(1) << generator.next(below: 40) + generator.next(below: 1000)
            case "two heaps": (index % 10 == 0 ? 900_000_000 : 2_000_000) + generator.next(below: 100_000)
            default: generator.next(below: 256)
            }
        }
    }

    @Test("A quantile is within 0.4 % of the exact one", arguments: ["even", "wide", "two heaps", "small"])
    func aQuantileIsWithinItsErrorBound(shape: String) {
        let values = Self.values(shape)
        var histogram = LatencyHistogram()
        for value in values { histogram.record(nanoseconds: value) }
        let sorted = values.sorted()
        for quantile in Self.quantiles {
            let rank = max(1, Int((quantile * Double(sorted.count)).rounded(.up)))
            let exact = Double(sorted[rank - 1])
            let reported = histogram.quantile(quantile) / .nanoseconds(1)
            #expect(abs(reported - exact) <= exact / 256, "the quantile \(quantile) is \(reported), exactly \(exact)")
        }
    }

    @Test("Small values are exact")
    func smallValuesAreExact() {
        for value in UInt64(0)..<256 {
            var histogram = LatencyHistogram()
            histogram.record(nanoseconds: 0)
            histogram.record(nanoseconds: value)
            histogram.record(nanoseconds: 10_000)
            #expect(histogram.quantile(0.6) == .nanoseconds(Int64(value)))
        }
    }

    @Test("Every value falls into a bucket that contains it", arguments: 0..<64)
    func everyValueFallsIntoABucketThatContainsIt(bit: UInt64) {
        for value in [UInt64(1) << bit, (UInt64(1) << bit) &- 1, (UInt64(1) << bit) &+ 1] {
            var histogram = LatencyHistogram()
            histogram.record(nanoseconds: 0)
            histogram.record(nanoseconds: value)
            histogram.record(nanoseconds: .max)
            let reported = histogram.quantile(0.6) / .nanoseconds(1)
            let exact = Double(min(value, UInt64(Int64.max)))
            #expect(abs(reported - exact) <= exact / 256)
        }
    }

    @Test("Minimum, mean and maximum are exact")
    func minimumMeanAndMaximumAreExact() {
        var histogram = LatencyHistogram()
        for value in [10_007, 20_011, 60_013] { histogram.record(.nanoseconds(value)) }
        #expect(histogram.count == 3)
        #expect(histogram.minimum == .nanoseconds(10_007))
        #expect(histogram.maximum == .nanoseconds(60_013))
        #expect(histogram.mean == .nanoseconds(30_010))
        #expect(histogram.quantile(1) == histogram.maximum)
    }

    @Test("An empty histogram is all zero")
    func anEmptyHistogramIsAllZero() {
        let histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == .zero)
        #expect(histogram.minimum == .zero)
        #expect(histogram.maximum == .zero)
        #expect(histogram.mean == .zero)
    }

    @Test("Merged histograms equal one that counted every value")
    func mergedHistogramsEqualOneOfAllValues() {
        let values = Self.values("wide")
        var all = LatencyHistogram()
        var left = LatencyHistogram()
        var right = LatencyHistogram()
        for (index, value) in values.enumerated() {
            all.record(nanoseconds: value)
            index % 3 == 0 ? left.record(nanoseconds: value) : right.record(nanoseconds: value)
        }
        left.merge(right)
        #expect(left.count == all.count)
        for quantile in Self.quantiles { #expect(left.quantile(quantile) == all.quantile(quantile)) }
    }

    @Test("A negative duration counts as zero")
    func aNegativeDurationCountsAsZero() {
        var histogram = LatencyHistogram()
        histogram.record(.seconds(-1))
        #expect(histogram.maximum == .zero)
        #expect(histogram.count == 1)
    }
}
