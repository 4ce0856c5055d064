import LogQL
import QuerySupport

/// Accumulates the lines of one series in the windows that end at each step.
struct WindowAccumulator {
    private enum Mode { case lines, bytes, sum, average, minimum, maximum, first, last, variance, quantile }

    private let function: RangeFunction
    private let mode: Mode
    private let steps: Int
    private let quantile: Double
    /// The number of lines in each window; for counts, the differences between steps, so that a line in many windows
    /// only takes two additions.
    private var counts: [Int]
    private var bytes: [Int] = []
    /// Sums, means, extremes.
    private var numbers: [Double] = []
    /// Sums of squared distances from the mean.
    private var squares: [Double] = []
    /// Sorted by time, so that the samples of a window are adjacent.
    private var samples: [Sample] = []

    /// The maximum size of an accumulator per step, in bytes.
    static let sizeOfStep = 24

    private struct Sample {
        var steps: Range<Int32>
        var number: Double
    }

    init(_ aggregation: RangeAggregation, steps: Int) {
        function = aggregation.function
        self.steps = steps
        quantile = aggregation.parameter ?? 0
        mode = Self.mode(of: function, isUnwrapped: aggregation.unwrap != nil)
        counts = mode == .quantile ? [] : Array(repeating: 0, count: steps + 1)
        switch mode {
        case .lines, .quantile: break
        case .bytes: bytes = Array(repeating: 0, count: steps + 1)
        case .variance:
            numbers = Array(repeating: 0, count: steps)
            squares = numbers
        default: numbers = Array(repeating: 0, count: steps)
        }
    }

    private static func mode(of function: RangeFunction, isUnwrapped: Bool) -> Mode {
        switch function {
        case .countOverTime, .absentOverTime: .lines
        case .rate: isUnwrapped ? .sum : .lines
        case .bytesOverTime, .bytesRate: .bytes
        case .sumOverTime: .sum
        case .avgOverTime: .average
        case .minOverTime: .minimum
        case .maxOverTime: .maximum
        case .firstOverTime: .first
        case .lastOverTime: .last
        case .stddevOverTime, .stdvarOverTime: .variance
        case .quantileOverTime: .quantile
        }
    }

    /// Adds a line to the windows of `covered`. Lines must come in order of time.
    mutating func add(_ covered: Range<Int>, bytes size: Int, number: Double) {
        switch mode {
        case .lines, .bytes:
            counts[covered.lowerBound] += 1
            counts[covered.upperBound] -= 1
            guard mode == .bytes else { return }
            bytes[covered.lowerBound] += size
            bytes[covered.upperBound] -= size
        case .quantile:
            let steps = Int32(clamping: covered.lowerBound)..<Int32(clamping: covered.upperBound)
            samples.append(Sample(steps: steps, number: number))
        default: for step in covered { add(number, at: step) }
        }
    }

    private mutating func add(_ number: Double, at step: Int) {
        counts[step] += 1
        let isFirst = counts[step] == 1
        switch mode {
        case .sum, .average: numbers[step] += number
        case .minimum: numbers[step] = isFirst ? number : min(numbers[step], number)
        case .maximum: numbers[step] = isFirst ? number : max(numbers[step], number)
        case .first: if isFirst { numbers[step] = number }
        case .last: numbers[step] = number
        case .variance:
            // Welford's method: sums of squares would lose the precision that distinguishes large numbers.
            let distance = number - numbers[step]
            numbers[step] += distance / Double(counts[step])
            squares[step] += distance * (number - numbers[step])
        case .lines, .bytes, .quantile: break
        }
    }

    /// The values at each step; `nil` where the window is empty.
    func values(seconds: Double, _ budget: QueryBudget) throws -> [Double?] {
        switch mode {
        case .lines, .bytes: return countedValues(seconds)
        case .quantile: return try quantiles(budget)
        default: break
        }
        return (0..<steps).map { step in
            let count = Double(counts[step])
            guard count > 0 else { return nil }
            return switch function {
            case .rate: numbers[step] / seconds
            case .avgOverTime: numbers[step] / count
            case .stdvarOverTime: squares[step] / count
            case .stddevOverTime: (squares[step] / count).squareRoot()
            default: numbers[step]
            }
        }
    }

    private func countedValues(_ seconds: Double) -> [Double?] {
        var (count, size) = (0, 0)
        return (0..<steps).map { step in
            count += counts[step]
            if mode == .bytes { size += bytes[step] }
            guard count > 0 else { return nil }
            let total = Double(mode == .bytes ? size : count)
            return function == .rate || function == .bytesRate ? total / seconds : total
        }
    }

    private func quantiles(_ budget: QueryBudget) throws -> [Double?] {
        var (start, end) = (0, 0)
        return try (0..<steps).map { step in
            try budget.check()
            while end < samples.count, samples[end].steps.lowerBound <= step { end += 1 }
            while start < end, samples[start].steps.upperBound <= step { start += 1 }
            guard start < end else { return nil }
            try budget.charge(8 * (end - start))
            return Self.quantile(quantile, of: samples[start..<end].map(\.number).sorted())
        }
    }

    /// The quantile of `sorted`, interpolated between two neighbours, as in Prometheus.
    static func quantile(_ quantile: Double, of sorted: [Double]) -> Double {
        if quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        let rank = quantile * Double(sorted.count - 1)
        let lower = Int(rank)
        let upper = min(lower + 1, sorted.count - 1)
        let weight = rank - Double(lower)
        return sorted[lower] * (1 - weight) + sorted[upper] * weight
    }
}
