import Glibc
import TraceQL

/// The numbers of one series while spans are counted.
struct MetricAccumulator {
    private let function: TraceQL.Metrics.Function
    /// One for each interval; not a number where there is none yet.
    private(set) var values: [Double]
    /// How many numbers an average is of.
    private var counts: [Int] = []
    /// How many spans are in each power of two of a field, by the power's value.
    private var buckets: [Double: [Int]] = [:]

    init(_ function: TraceQL.Metrics.Function, steps: Int) {
        self.function = function
        let startsAtZero = function == .rate || function == .count || function == .histogram
        values = Array(repeating: startsAtZero ? 0 : .nan, count: function == .quantile ? 0 : steps)
        if function == .average { counts = Array(repeating: 0, count: steps) }
    }

    /// Adds a span in the interval `step`.
    /// - Parameter value: what the function looks at, or for a quantile the bucket that is in.
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

    /// Whether a span with `value` needs room for another row of numbers.
    func needsRoom(for value: Double) -> Bool { function == .quantile && buckets[value] == nil }

    /// The numbers of the series, one for each interval.
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

    /// The bucket that a number of `type` falls into: the power of two that is not below it, for durations in seconds.
    /// `nil` for what Tempo counts in no bucket: fractions, and numbers below 2.
    static func bucket(of value: TraceQL.Value) -> Double? {
        switch value {
        case .integer(let number) where number >= 2: power(UInt64(number))
        case .duration(let nanoseconds) where nanoseconds >= 2: power(UInt64(nanoseconds)) / 1e9
        default: nil
        }
    }

    private static func power(_ number: UInt64) -> Double { exp2(Double(64 - (number - 1).leadingZeroBitCount)) }

    /// The bound that the wanted share of spans stays below, between two powers of two in proportion to the exponent.
    /// - Parameter buckets: sorted, none empty.
    private static func quantile(_ quantile: Double, _ buckets: [(bound: Double, count: Int)]) -> Double {
        let total = buckets.reduce(0) { $0 + $1.count }
        // At least one span: the share is rounded up, which does few spans more justice.
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
