import QuerySupport
import TraceQL

/// Groups spans into series by the labels of a metrics query.
struct TraceMetricsSeries {
    private let request: TraceMetricsRequest
    private let steps: MetricSteps
    private var index: [[TraceQL.Value]: Int] = [:]
    private var keys: [[TraceQL.Value]] = []
    private var accumulators: [MetricAccumulator] = []
    private var exemplars: [[MetricExemplars.Exemplar]] = []
    private var chosen: MetricExemplars
    private var rows = 0
    private let budget: QueryBudget

    private var metrics: TraceQL.Metrics { request.metrics }

    init(_ request: TraceMetricsRequest, _ budget: QueryBudget) {
        self.budget = budget
        self.request = request
        steps = request.steps
        chosen = MetricExemplars(limit: request.exemplars, steps: request.steps)
    }

    /// Adds a selected span, whose `fields` have `values`.
    mutating func add(_ span: SpanColumns, _ fields: [TraceQL.Field], _ values: [TraceQL.Value]) throws {
        func value(of field: TraceQL.Field) -> TraceQL.Value {
            fields.firstIndex(of: field).map { values[$0] } ?? .missing
        }
        var key = metrics.groups.map(value)
        var number = 0.0
        let observed = metrics.field.map(value)
        if let field = metrics.field, let observed {
            if metrics.function.countsBuckets {
                guard let bucket = MetricAccumulator.bucket(of: observed) else { return }
                number = bucket
                if metrics.function == .histogram { key.append(.double(bucket)) }
            } else {
                guard let found = observed.number else { return }
                // Tempo reports durations of spans in seconds.
                number = field == .intrinsic(.duration) ? found / 1e9 : found
            }
        }
        let place = try place(of: key)
        if accumulators[place].needsRoom(for: number) { try takeRow() }
        accumulators[place].add(number, at: steps.index(of: span.start), of: steps.count)
        guard chosen.choose(span.traceID, at: span.start) else { return }
        let shown = metrics.fields.map { MetricLabel(key: $0.description, value: value(of: $0)) }
        let showsValue = metrics.field != nil && metrics.function != .histogram
        exemplars[place].append(
            MetricExemplars.Exemplar(
                traceID: span.traceID, milliseconds: span.start / 1_000_000, step: steps.index(of: span.start),
                value: showsValue ? shownNumber(observed, number) : nil,
                labels: shown.filter { $0.value != .missing && $0.key != "trace:id" }))
    }

    /// The value of an exemplar: for a quantile the span's own value, not its bucket's.
    private func shownNumber(_ observed: TraceQL.Value?, _ number: Double) -> Double {
        guard metrics.function == .quantile else { return number }
        if case .duration(let nanoseconds)? = observed { return Double(nanoseconds) / 1e9 }
        return observed?.number ?? number
    }

    private mutating func place(of key: [TraceQL.Value]) throws -> Int {
        if let known = index[key] { return known }
        if metrics.function != .quantile { try takeRow() }
        try budget.hold(key.reduce(320) { $0 + 2 * $1.size })
        index[key] = keys.count
        keys.append(key)
        accumulators.append(MetricAccumulator(metrics.function, steps: steps.count))
        exemplars.append([])
        return keys.count - 1
    }

    private mutating func takeRow() throws {
        rows += 1
        // The values while counting, the counts of averages, and the results.
        try budget.hold(steps.count * (metrics.function == .average ? 24 : 16))
        guard rows * steps.count <= TraceMetricsRequest.maximumCells else {
            throw TraceMetricsError(
                description: "the query makes more than \(rows - 1) series of \(steps.count) points: group by fewer "
                    + "attributes, filter more, or take a longer step")
        }
    }

    // MARK: Results

    /// The series, sorted by label.
    mutating func results() throws -> [TraceMetricsResult.Series] {
        // A query without grouping always has one series, even if it is all zeros.
        if metrics.groups.isEmpty, metrics.function == .rate || metrics.function == .count { _ = try place(of: []) }
        var series = keys.indices.flatMap(series)
        series.sort { Self.precedes($0.labels, $1.labels) }
        for stage in metrics.secondStages { series = try stage.apply(to: series, steps: steps.count, budget) }
        series.removeAll { one in one.values.allSatisfy(\.isNaN) }
        guard series.count <= TraceMetricsRequest.maximumSeries else {
            throw TraceMetricsError(
                description: "the answer has \(series.count) series, more than \(TraceMetricsRequest.maximumSeries): "
                    + "group by fewer attributes, filter more, or add | topk(10)")
        }
        return series
    }

    private func series(_ place: Int) -> [TraceMetricsResult.Series] {
        let labels = labels(of: keys[place])
        guard metrics.function == .quantile else {
            let values = accumulators[place].results(perSecond: steps.seconds)
            return [.init(labels: labels, values: values, exemplars: exemplars[place])]
        }
        var series = metrics.quantiles.map { quantile in
            TraceMetricsResult.Series(
                labels: labels + [MetricLabel(key: "p", value: .double(quantile))],
                values: accumulators[place].quantile(quantile, steps: steps.count))
        }
        // Each exemplar belongs to the first quantile that it does not exceed.
        for exemplar in exemplars[place] {
            let home = series.firstIndex { $0.values[exemplar.step] >= exemplar.value ?? 0 } ?? series.count - 1
            series[home].exemplars.append(exemplar)
        }
        return series
    }

    /// Series are labelled as in Tempo: missing values are left out, but there is always at least one label.
    private func labels(of key: [TraceQL.Value]) -> [MetricLabel] {
        var labels = zip(metrics.groups, key).filter { $1 != .missing }.map { field, value in
            // As in search results, trace ids lose their leading zeros.
            MetricLabel(
                key: field.description,
                value: field == .intrinsic(.traceID) ? .string(String(value.text.drop { $0 == "0" })) : value)
        }
        if metrics.function == .histogram, let bucket = key.last {
            labels.append(MetricLabel(key: "__bucket", value: bucket))
        }
        guard labels.isEmpty, metrics.function != .quantile else { return labels }
        if let first = metrics.groups.first { return [MetricLabel(key: first.description, value: .string("nil"))] }
        return [MetricLabel(key: "__name__", value: .string(metrics.function.rawValue))]
    }

    private static func precedes(_ left: [MetricLabel], _ right: [MetricLabel]) -> Bool {
        for (left, right) in zip(left, right) {
            if left.key != right.key { return left.key < right.key }
            if let first = left.value.number, let second = right.value.number, first != second { return first < second }
            if left.value.text != right.value.text { return left.value.text < right.value.text }
        }
        return left.count < right.count
    }
}

extension TraceQL.Metrics.SecondStage {
    fileprivate func apply(
        to series: [TraceMetricsResult.Series], steps: Int, _ budget: QueryBudget
    ) throws -> [TraceMetricsResult.Series] {
        try budget.charge(1 + series.count * steps)
        var result = series
        switch self {
        case .filter(let operation, let number):
            for index in result.indices {
                for step in 0..<steps where !TraceQL.Evaluator.holds(operation, result[index].values[step], number) {
                    result[index].values[step] = .nan
                }
            }
        case .rank(let largest, let limit):
            guard series.count > limit else { return series }
            for step in 0..<steps {
                try budget.charge(16 * series.count)
                let ranked = series.indices.filter { !series[$0].values[step].isNaN }
                    .sorted { left, right in
                        let (first, second) = (series[left].values[step], series[right].values[step])
                        if first != second { return (first > second) == largest }
                        return Self.isAbove(series[left].labels, series[right].labels) == largest
                    }
                for index in ranked.dropFirst(limit) { result[index].values[step] = .nan }
            }
        }
        return result
    }

    /// Which of two series with equal values ranks higher in Tempo: the one with the earlier text, or the larger
    /// number, in the first label that differs. No two series have the same labels.
    private static func isAbove(_ left: [MetricLabel], _ right: [MetricLabel]) -> Bool {
        for (left, right) in zip(left, right) where left != right {
            if let first = left.value.number, let second = right.value.number { return first > second }
            return left.value.text < right.value.text
        }
        return left.count < right.count
    }
}
