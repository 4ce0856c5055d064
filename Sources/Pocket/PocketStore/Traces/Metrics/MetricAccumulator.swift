import Glibc
import TraceQL

/// Accumulates the values of one series.
struct MetricAccumulator {
    private let function: TraceQL.Metrics.Function
    /// One per interval; NaN where there is none yet.
    private(set) var values: [Double]
    /// The number of values in each average.
    private var counts: [Int] = []
    /// The number of spans in each bucket, by the bucket's power of two.
    private var buckets: [Double: [Int]] = [:]

    init(_ function: TraceQL.Metrics.Function, steps: Int) {
        self.function = function
        let startsAtZero = function == .rate || function == .count || function == .histogram
        values = Array(repeating: startsAtZero ? 0 : .nan, count: function == .quantile ? 0 : steps)
        if function == .average { counts = Array(repeating: 0, count: steps) }
    }

    /// Adds a span in the interval `step`.
    /// - Parameter value: the value of the function's field, or, for a quantile, its bucket.
    mutating func add(_ value: Double, at step: Int, of steps: Int) {
        switch function {
        case .rate, .count, .histogram: values[step] += 1
        case .minimum: values[step] = values[step].isNaN ? value : min(values[step], value)
        case .maximum: values[step] = values[step].isNaN ? value : max(values[step], value)
        case .sum: values[step] = values[step].isNaN ? value : values[step] + value
        case .average:
            counts[step] += 1
            values[step] = values[step].isNaN ? value : values[step] + value
        case .quantile: buckets[value, default: Array(repeating: 0, count: steps)][step] += 1
        }
    }

    /// Whether a span with `value` needs memory for another row of numbers.
    func needsRoom(for value: Double) -> Bool { function == .quantile && buckets[value] == nil }

    /// The values of the series, one per interval.
    func results(perSecond seconds: Double) -> [Double] {
        switch function {
        case .rate: values.map { $0 / seconds }
        case .average: zip(values, counts).map { $1 == 0 ? .nan : $0 / Double($1) }
        default: values
        }
    }

    /// A quantile for each interval, 0 where there is no span.
    func quantile(_ quantile: Double, steps: Int) -> [Double] {
        let bounds = buckets.keys.sorted()
        return (0..<steps).map { step in
            Self.quantile(quantile, bounds.map { (bound: $0, count: buckets[$0]?[step] ?? 0) }.filter { $0.count > 0 })
        }
    }

    /// The bucket of a value: the smallest power of two that is not below it, for durations in seconds. `nil` for
    /// values that Tempo does not count: fractions, and numbers below 2.
    static func bucket(of value: TraceQL.Value) -> Double? {
        switch value {
        case .integer(let number) where number >= 2: power(UInt64(number))
        case .duration(let nanoseconds) where nanoseconds >= 2: power(UInt64(nanoseconds)) / 1e9
        default: nil
        }
    }

    private static func power(_ number: UInt64) -> Double { exp2(Double(64 - (number - 1).leadingZeroBitCount)) }

    /// The quantile of the spans, interpolated exponentially between two powers of two.
    /// - Parameter buckets: sorted, none empty.
    private static func quantile(_ quantile: Double, _ buckets: [(bound: Double, count: Int)]) -> Double {
        let total = buckets.reduce(0) { $0 + $1.count }
        // At least one span: rounding up gives better results for few spans.
        var wanted = max(1, Int((quantile * Double(total)).rounded(.up)))
        for (index, bucket) in buckets.enumerated() {
            if wanted > bucket.count {
                wanted -= bucket.count
                continue
            }
            if wanted == bucket.count { return bucket.bound }
            let upper = log2(bucket.bound)
            let lower = index > 0 ? log2(buckets[index - 1].bound) : upper - 1
            return exp2(lower + (upper - lower) * Double(wanted) / Double(bucket.count))
        }
        return 0
    }
}
