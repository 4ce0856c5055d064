import PocketStore
import QuerySupport
import SQLite
import TraceContext
import TraceQL

/// The traces that a query matches.
struct TraceMatches {
    /// `nil` for a query that every trace matches.
    private(set) var ids: Set<TraceID>?
    /// Whether all traces of the range were judged.
    private(set) var isComplete = true

    /// The maximum number of traces that a query over whole traces finds.
    private static let maximumTraces = 50_000

    init(_ query: TraceQL.Query, _ range: ReadingRange, _ database: Database, _ budget: QueryBudget) throws {
        let starts = TraceTotals.spanStarts(range)
        if let filter = query.spanFilter {
            if filter != .literal(.bool(true)) { try scan(filter, starts, database, budget) }
        } else {
            try search(query, starts, database, budget)
        }
    }

    func contains(_ id: TraceID) -> Bool { ids?.contains(id) ?? true }

    /// Judges span by span: sufficient for a query with one filter that depends on no other span.
    private mutating func scan(
        _ filter: TraceQL.Expression, _ starts: ClosedRange<UInt64>, _ database: Database, _ budget: QueryBudget
    ) throws {
        let evaluator = try TraceQL.Evaluator(fields: filter.fields, expressions: [filter], budget: budget)
        let contexts = StoredContexts()
        var found: Set<TraceID> = []
        isComplete = try budget.pass { pass in
            try database.scanSpans(SpanPushdown(filter), starts) { row in
                try budget.charge(4)
                guard pass.goesOn() else { return false }
                let id = TraceID(high: UInt64(bitPattern: row.int64(0)), low: UInt64(bitPattern: row.int64(1)))
                guard !found.contains(id) else { return true }
                let context = try contexts.context(row.int64(SpanColumns.count), in: database)
                let values = try row.withBytes(SpanColumns.count + 1) { payload in
                    try SpanFields(columns: SpanColumns(row), context: context, payload: payload, trace: nil)
                        .values(of: evaluator.fields, budget)
                }
                if evaluator.evaluate(filter, values).isTrue {
                    try budget.hold(32)
                    found.insert(id)
                }
                return try budget.goesOn()
            }
        }
        ids = found
    }

    /// Judges trace by trace.
    private mutating func search(
        _ query: TraceQL.Query, _ starts: ClosedRange<UInt64>, _ database: Database, _ budget: QueryBudget
    ) throws {
        var request = TraceSearchRequest(query: query)
        request.limit = Self.maximumTraces
        request.spansPerSpanSet = 0
        request.range = starts
        let result = try TraceStore.search(request, patience: QueryBudget.patience, database, budget)
        ids = Set(result.traces.map(\.id))
        isComplete = !result.isPartial && result.traces.count < request.limit
    }
}
