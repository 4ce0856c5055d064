import Glibc
import LogQL
import QuerySupport

/// Evaluates a metric expression for all steps at once.
struct MetricEvaluator {
    let range: QueryRange
    let reader: LogReader
    private(set) var statistics = QueryStatistics()

    init(range: QueryRange, reader: LogReader) {
        self.range = range
        self.reader = reader
    }

    /// Releases the memory of the operands once an expression has been evaluated.
    mutating func evaluate(_ expression: MetricExpression) throws -> MetricValue {
        let held = reader.budget.bytes
        let value = try compute(expression)
        reader.budget.release(to: held)
        try reader.budget.hold(value.size)
        try reader.budget.charge(value.size / 16)
        return value
    }

    private mutating func compute(_ expression: MetricExpression) throws -> MetricValue {
        switch expression {
        case .literal(let value): return .scalar(value)
        case .vector(let value):
            return .vector([MetricSeries(labels: [], values: Array(repeating: value, count: range.stepCount))])
        case .range(let aggregation): return .vector(try evaluate(aggregation))
        case .aggregate(.sum, _, let grouping, .range(let aggregation)) where aggregation.function.isSum:
            // Summing while counting avoids a series for each line, which a sum over structured metadata would need.
            let group = grouping ?? Grouping(isWithout: false, labels: [])
            return .vector(try evaluate(aggregation, grouping: group))
        case .sorted(_, let inner): return try evaluate(inner)
        case .labelled(let replacement, let inner):
            guard case .vector(let series) = try evaluate(inner) else {
                throw LogQLError.invalid("label_replace needs a vector, not a number")
            }
            return .vector(try replacement.apply(to: series, reader.budget))
        case .aggregate(let aggregation, let parameter, let grouping, let inner):
            guard case .vector(let series) = try evaluate(inner) else {
                throw LogQLError.invalid("\(aggregation.rawValue) needs a vector, not a number")
            }
            return .vector(try aggregate(aggregation, parameter, grouping, series))
        case .binary(let operation, let matching, let left, let right):
            let operands = (try evaluate(left), try evaluate(right))
            if case (.vector(let left), .vector(let right)) = operands {
                let matcher = VectorMatcher(
                    operation: operation, matching: matching, steps: range.stepCount, budget: reader.budget)
                return .vector(try matcher.combine(left, right))
            }
            return try combine(operation, matching.returnsBool, operands.0, operands.1)
        }
    }

    private mutating func evaluate(
        _ aggregation: RangeAggregation, grouping: Grouping? = nil
    ) throws -> [MetricSeries] {
        let isAbsence = aggregation.function == .absentOverTime
        let oneSeries = Grouping(isWithout: false, labels: [])
        let evaluator = RangeEvaluator(
            aggregation: aggregation, range: range,
            grouping: isAbsence ? oneSeries : grouping ?? aggregation.grouping)
        let series = try evaluator.run(reader, &statistics)
        return isAbsence ? absence(of: series.first, aggregation.pipeline.matchers) : series
    }

    /// 1 where there is no line, with the labels that the selector alone determines, as in Prometheus.
    private func absence(of series: MetricSeries?, _ matchers: [LabelMatcher]) -> [MetricSeries] {
        let values = (0..<range.stepCount).map { series?.values[$0] == nil ? 1.0 : nil }
        guard values.contains(1) else { return [] }
        let labels = matchers.filter { matcher in
            matcher.comparison == .equal && matchers.filter { $0.name == matcher.name }.count == 1
        }
        return [MetricSeries(labels: labels.map { Label($0.name, $0.value) }.sorted(), values: values)]
    }

    // MARK: Aggregation

    private func aggregate(
        _ aggregation: Aggregation, _ parameter: Int?, _ grouping: Grouping?, _ series: [MetricSeries]
    ) throws -> [MetricSeries] {
        let grouping = grouping ?? Grouping(isWithout: false, labels: [])
        var order: [[Label]] = []
        var groups: [[Label]: [MetricSeries]] = [:]
        for one in series {
            try reader.budget.charge(1 + one.labels.count)
            let key = grouping.key(of: one.labels)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(one)
        }
        return try order.flatMap { key -> [MetricSeries] in
            let members = groups[key] ?? []
            try reader.budget.hold(key.size + range.stepCount * MetricSeries.valueSize)
            if aggregation == .topk || aggregation == .bottomk {
                return try ranked(members, parameter ?? 1, largest: aggregation == .topk)
            }
            let values = try (0..<range.stepCount).map { step in
                try reader.budget.charge(1 + members.count)
                return Self.reduce(aggregation, members.compactMap { $0.values[step] })
            }
            return [MetricSeries(labels: key, values: values)]
        }
    }

    private static func reduce(_ aggregation: Aggregation, _ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        return switch aggregation {
        case .sum: values.reduce(0, +)
        case .avg: values.reduce(0, +) / Double(values.count)
        case .min: values.min()
        case .max: values.max()
        case .count: Double(values.count)
        case .stdvar: variance(of: values)
        case .stddev: variance(of: values).squareRoot()
        case .topk, .bottomk: nil
        }
    }

    private static func variance(of values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }

    /// Keeps, at every step, the values of the `count` highest or lowest series.
    private func ranked(_ series: [MetricSeries], _ count: Int, largest: Bool) throws -> [MetricSeries] {
        try reader.budget.hold(series.count * (range.stepCount * MetricSeries.valueSize + 64))
        var kept = series.map { MetricSeries(labels: $0.labels, values: Array(repeating: nil, count: range.stepCount)) }
        for step in 0..<range.stepCount {
            try reader.budget.charge(1 + 8 * series.count)
            let present = series.indices.compactMap { index in series[index].values[step].map { (index, $0) } }
            let sorted = present.sorted { left, right in
                if left.1 != right.1 { return largest ? left.1 > right.1 : left.1 < right.1 }
                return series[left.0].labels.precedes(series[right.0].labels)
            }
            for (index, value) in sorted.prefix(count) { kept[index].values[step] = value }
        }
        return kept.filter { $0.values.contains { $0 != nil } }
    }

    // MARK: Arithmetic

    private func combine(
        _ operation: BinaryOperator, _ returnsBool: Bool, _ left: MetricValue, _ right: MetricValue
    )
        throws -> MetricValue
    {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            return .scalar(Self.apply(operation, returnsBool: true, left, right) ?? 0)
        case (.vector(let series), .scalar(let number)):
            return .vector(
                series.compactMap { map($0) { Self.apply(operation, returnsBool: returnsBool, $0, number) } })
        case (.scalar(let number), .vector(let series)):
            return .vector(
                series.compactMap { one in
                    map(one) { value in
                        // A comparison keeps the vector's value, whichever side it is on.
                        guard let result = Self.apply(operation, returnsBool: returnsBool, number, value) else {
                            return nil
                        }
                        return operation.comparison != nil && !returnsBool ? value : result
                    }
                })
        case (.vector(let series), .vector): return .vector(series)
        }
    }

    private func map(_ series: MetricSeries, _ transform: (Double) -> Double?) -> MetricSeries? {
        let values = series.values.map { $0.flatMap(transform) }
        return values.contains { $0 != nil } ? MetricSeries(labels: series.labels, values: values) : nil
    }

    /// `nil` if a filtering comparison is false.
    static func apply(
        _ operation: BinaryOperator, returnsBool: Bool, _ left: Double, _ right: Double
    )
        -> Double?
    {
        if let comparison = operation.comparison {
            let holds = comparison.holds(left, right)
            return returnsBool ? (holds ? 1 : 0) : (holds ? left : nil)
        }
        return switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        // As in Loki, whatever the dividend.
        case .divide: right == 0 ? .nan : left / right
        case .modulo: right == 0 ? .nan : fmod(left, right)
        case .power: pow(left, right)
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual, .and, .or, .unless: nil
        }
    }
}
