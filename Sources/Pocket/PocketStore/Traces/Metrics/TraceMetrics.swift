import QuerySupport
import SQLite
import TraceContext
import TraceQL

/// A query for metrics of spans over time.
package struct TraceMetricsRequest: Sendable {
    package let query: TraceQL.Query
    package let metrics: TraceQL.Metrics
    package let steps: MetricSteps
    /// The maximum number of exemplars.
    package var exemplars = 100

    package init(query: TraceQL.Query, metrics: TraceQL.Metrics, steps: MetricSteps, exemplars: Int = 100) {
        self.query = query
        self.metrics = metrics
        self.steps = steps
        self.exemplars = exemplars
    }

    /// The maximum number of series in an answer, as in Tempo.
    static let maximumSeries = 1000
    /// The maximum number of values held at once.
    static let maximumCells = 4_000_000
}

/// A label of a series or an exemplar; its value keeps the type that it has in spans.
package struct MetricLabel: Equatable {
    package var key: String
    package var value: TraceQL.Value

    package init(key: String, value: TraceQL.Value) {
        self.key = key
        self.value = value
    }
}

/// Rows of numbers, one per interval.
package struct TraceMetricsResult {
    package struct Series {
        package var labels: [MetricLabel]
        /// NaN where there is none.
        package var values: [Double]
        package var exemplars: [MetricExemplars.Exemplar] = []
    }

    package var series: [Series] = []
    var inspectedSpans = 0
    package var inspectedBytes = 0
}

/// Why a well-formed metrics query has no answer.
package struct TraceMetricsError: Error, Equatable, CustomStringConvertible {
    package var description: String
}

extension TraceStore {
    /// Counts, sums or ranks the spans that a query selects, on a reader's thread.
    package static func metrics(
        _ request: TraceMetricsRequest, _ database: Database, _ budget: QueryBudget
    ) throws -> TraceMetricsResult {
        var computation = try TraceMetrics(request, database, budget)
        return try computation.run()
    }
}

/// One metrics query, on a reader's thread.
private struct TraceMetrics {
    private let request: TraceMetricsRequest
    private let database: Database
    private let budget: QueryBudget
    private let contexts = StoredContexts()
    private var series: TraceMetricsSeries
    private var result = TraceMetricsResult()

    init(_ request: TraceMetricsRequest, _ database: Database, _ budget: QueryBudget) throws {
        self.request = request
        self.database = database
        self.budget = budget
        series = TraceMetricsSeries(request, budget)
    }

    mutating func run() throws -> TraceMetricsResult {
        if let filter = request.query.spanFilter, !request.metrics.fields.contains(where: \.isOfTrace) {
            try scanSpans(filter)
        } else {
            try scanTraces()
        }
        result.series = try series.results()
        return result
    }

    /// Scans spans one by one: sufficient for a query with one filter that depends on no other span.
    private mutating func scanSpans(_ filter: TraceQL.Expression) throws {
        var fields = filter.fields
        for field in request.metrics.fields where !fields.contains(field) { fields.append(field) }
        let evaluator = try TraceQL.Evaluator(fields: fields, expressions: [filter], budget: budget)
        let isTrivial = filter == .literal(.bool(true))
        try database.scanSpans(SpanPushdown(filter), request.steps.spanStarts) { row in
            try count()
            let columns = SpanColumns(row)
            let context = try contexts.context(row.int64(SpanColumns.count), in: database)
            let values = try row.withBytes(SpanColumns.count + 1) { payload in
                result.inspectedBytes += payload.count
                return try SpanFields(columns: columns, context: context, payload: payload, trace: nil)
                    .values(of: fields, budget)
            }
            if isTrivial || evaluator.evaluate(filter, values).isTrue { try series.add(columns, fields, values) }
            return try budget.goesOn()
        }
    }

    /// Evaluates the query for every trace with a span that may match.
    private mutating func scanTraces() throws {
        let execution = try TraceQL.Execution(request.query, reading: request.metrics.fields, budget: budget)
        let fields = execution.evaluator.fields
        let range = request.steps.spanStarts
        for id in try candidates() {
            try budget.check()
            let held = budget.bytes
            guard let trace = try StoredTrace.read(id, from: database, budget, contexts: contexts) else { continue }
            let view = try TraceQL.TraceView(trace.spans, TraceFacts(trace.spans), fields, budget)
            let found = Set(try execution.run(view).flatMap(\.spans))
            // Releases the trace's memory before the next is read; the counts are kept.
            budget.release(to: held)
            for index in found.sorted() where range.contains(trace.spans[index].columns.start) {
                try series.add(trace.spans[index].columns, fields, view.values[index])
            }
        }
    }

    private mutating func candidates() throws -> [TraceID] {
        let condition = request.query.candidates
        let evaluator = try TraceQL.Evaluator(fields: condition.fields, expressions: [condition], budget: budget)
        var seen: Set<TraceID> = []
        var ids: [TraceID] = []
        try database.scanSpans(SpanPushdown(condition), request.steps.spanStarts) { row in
            try count()
            let columns = SpanColumns(row)
            guard !seen.contains(columns.traceID) else { return true }
            let context = try contexts.context(row.int64(SpanColumns.count), in: database)
            let fits = try row.withBytes(SpanColumns.count + 1) { payload in
                result.inspectedBytes += payload.count
                let fields = SpanFields(columns: columns, context: context, payload: payload, trace: nil)
                return evaluator.evaluate(condition, try fields.values(of: evaluator.fields, budget)).isTrue
            }
            if fits {
                try budget.hold(64)
                seen.insert(columns.traceID)
                ids.append(columns.traceID)
            }
            return try budget.goesOn()
        }
        return ids
    }

    private mutating func count() throws {
        result.inspectedSpans += 1
        try budget.charge(16)
    }
}

extension TraceQL.Query {
    /// The filter of a query that consists of one filter, if each span can be tested alone.
    package var spanFilter: TraceQL.Expression? {
        guard stages.count == 1, case .spanset(.filter(let expression)) = stages[0] else { return nil }
        return expression.fields.contains(where: \.isOfTrace) ? nil : expression
    }
}
