import QuerySupport
import SQLite
import TraceContext
import TraceQL

/// The parameters of a search.
package struct TraceSearchRequest: Sendable {
    package var query: TraceQL.Query
    /// The maximum number of traces; the most recent are returned.
    package var limit = 20
    /// The maximum number of spans shown per set.
    package var spansPerSpanSet = 3
    /// The range of span start times: nanoseconds since the Unix epoch.
    package var range: ClosedRange<UInt64>?

    package init(query: TraceQL.Query) { self.query = query }
}

/// The result of a search.
package struct TraceSearchResult: Sendable {
    package var traces: [FoundTrace] = []
    package var inspectedSpans = 0
    package var inspectedBytes = 0
    /// Whether the search ended before it had read everything, because it took too long.
    package var isPartial = false
}

/// A trace that matches a query.
package struct FoundTrace: Sendable {
    package var id: TraceID
    /// Empty while the root span has not been received.
    package var rootService: String
    package var rootName: String
    /// The root or, while it is missing, the first span whose parent is missing.
    package var entry: (service: String, name: String)
    /// Nanoseconds since the Unix epoch.
    package var start: UInt64
    /// Nanoseconds.
    package var duration: UInt64
    package var spanSets: [FoundSpanSet]
    /// By name.
    package var services: [ServiceStatistics]

    package struct ServiceStatistics: Sendable, Equatable {
        package var service: String
        package var spans: Int
        package var errors: Int
    }
}

/// Spans of a trace that together match a query.
package struct FoundSpanSet: Sendable {
    /// The first spans of the set.
    package var spans: [FoundSpan]
    package var matched: Int
    package var attributes: [(key: String, value: TraceQL.Value)]
}

/// A span that matches a query.
package struct FoundSpan: Sendable {
    package var id: UInt64
    /// Present if the query asks for it.
    package var name: String?
    /// Nanoseconds since the Unix epoch.
    package var start: UInt64
    /// Nanoseconds.
    package var duration: UInt64
    /// The attributes that the query asks for.
    package var attributes: [(key: String, value: TraceQL.Value)]
}

extension TraceStore {
    /// Finds the most recent traces that match.
    ///
    /// Spans are scanned newest first for one that can belong to a matching trace; then that whole trace is read and
    /// the query is evaluated. A search that takes longer than `patience` returns what it has found by then.
    package func search(
        _ request: TraceSearchRequest, patience: Duration = .seconds(5)
    ) async throws
        -> TraceSearchResult
    {
        try await database.read { database, budget in
            try Self.search(request, patience: patience, database, budget)
        }
    }

    /// The same on a reader's thread.
    package static func search(
        _ request: TraceSearchRequest, patience: Duration = .seconds(5), _ database: Database, _ budget: QueryBudget
    ) throws -> TraceSearchResult {
        var search = try TraceSearch(request, database, until: .now + patience, budget)
        return try search.run()
    }
}

/// One search, on a reader's thread.
private struct TraceSearch {
    let request: TraceSearchRequest
    let database: Database
    let end: ContinuousClock.Instant
    let budget: QueryBudget
    let execution: TraceQL.Execution
    let candidates: TraceQL.Expression
    let candidateEvaluator: TraceQL.Evaluator
    let contexts = StoredContexts()
    var result = TraceSearchResult()

    init(
        _ request: TraceSearchRequest, _ database: Database, until end: ContinuousClock.Instant, _ budget: QueryBudget
    ) throws {
        self.budget = budget
        self.request = request
        self.database = database
        self.end = end
        execution = try TraceQL.Execution(request.query, budget: budget)
        candidates = request.query.candidates
        candidateEvaluator = try TraceQL.Evaluator(fields: candidates.fields, expressions: [candidates], budget: budget)
    }

    mutating func run() throws -> TraceSearchResult {
        var seen: Set<TraceID> = []
        try database.scanSpans(SpanPushdown(candidates), request.range) { row in
            result.inspectedSpans += 1
            try budget.charge(4)
            if result.inspectedSpans % 128 == 0, ContinuousClock.now >= end {
                result.isPartial = true
                return false
            }
            let columns = SpanColumns(row)
            guard !seen.contains(columns.traceID), try fits(columns, row) else { return true }
            seen.insert(columns.traceID)
            if let trace = try evaluate(columns.traceID) { result.traces.append(trace) }
            return result.traces.count < request.limit
        }
        result.traces.sort { $0.start > $1.start }
        return result
    }

    private mutating func fits(_ columns: SpanColumns, _ row: borrowing Database.Row) throws -> Bool {
        if candidates == .literal(.bool(true)) { return true }
        let context = try contexts.context(row.int64(SpanColumns.count), in: database)
        let values = try row.withBytes(SpanColumns.count + 1) { payload in
            result.inspectedBytes += payload.count
            let fields = SpanFields(columns: columns, context: context, payload: payload, trace: nil)
            return try fields.values(of: candidateEvaluator.fields, budget)
        }
        let fits = candidateEvaluator.evaluate(candidates, values).isTrue
        return try budget.goesOn() && fits
    }

    private mutating func evaluate(_ id: TraceID) throws -> FoundTrace? {
        // The trace is only held until it has been evaluated, the parts to show until the end.
        let held = budget.bytes
        let found = try find(id)
        budget.release(to: held)
        try budget.hold(found?.size ?? 0)
        return found
    }

    private mutating func find(_ id: TraceID) throws -> FoundTrace? {
        guard var trace = try StoredTrace.read(id, from: database, budget, contexts: contexts) else { return nil }
        trace.spans.sort { $0.columns.start < $1.columns.start }
        result.inspectedBytes += trace.spans.reduce(0) { $0 + $1.payload.count }
        let facts = TraceFacts(trace.spans)
        let view = try TraceQL.TraceView(trace.spans, facts, execution.evaluator.fields, budget)
        let selections = try execution.run(view)
        guard !selections.isEmpty else { return nil }
        return FoundTrace(
            id: id, rootService: facts.rootService, rootName: facts.rootName, entry: facts.entry,
            start: facts.start, duration: facts.duration, spanSets: try selections.map { try spanSet($0, trace, view) },
            services: Self.services(of: trace))
    }

    private func spanSet(
        _ selection: TraceQL.Selection, _ trace: StoredTrace, _ view: TraceQL.TraceView
    ) throws -> FoundSpanSet {
        let fields = execution.evaluator.fields
        let spans = try selection.spans.prefix(request.spansPerSpanSet).map { index in
            try budget.charge(1 + 4 * fields.count)
            try budget.hold(FoundSpan.size + fields.count * 64)
            let columns = trace.spans[index].columns
            var found = FoundSpan(id: columns.spanID, start: columns.start, duration: columns.duration, attributes: [])
            for (field, value) in zip(fields, view.values[index]) {
                switch field {
                case .intrinsic(.name): found.name = columns.name
                case .intrinsic(.duration), .intrinsic(.traceDuration), .intrinsic(.rootName),
                    .intrinsic(.rootServiceName), .intrinsic(.traceID), .intrinsic(.spanID):
                    break
                default:
                    guard value != .missing || execution.query.asksForAbsence(of: field) else { continue }
                    found.attributes.append((field.resultKey, value))
                }
            }
            return found
        }
        try budget.hold(96 + 96 * selection.attributes.count)
        return FoundSpanSet(
            spans: Array(spans), matched: selection.spans.count,
            attributes: selection.attributes.map { ($0.key, $0.value) })
    }

    private static func services(of trace: StoredTrace) -> [FoundTrace.ServiceStatistics] {
        var services: [String: FoundTrace.ServiceStatistics] = [:]
        for span in trace.spans {
            let service = span.context.service
            services[service, default: .init(service: service, spans: 0, errors: 0)].spans += 1
            if span.columns.status == .error { services[service]?.errors += 1 }
        }
        return services.values.sorted { $0.service < $1.service }
    }
}

extension FoundTrace {
    /// Its approximate size in bytes.
    fileprivate var size: Int {
        var size = 256 + 64 * services.count
        for set in spanSets {
            size += 96
            for attribute in set.attributes { size += 96 + attribute.value.size }
            for span in set.spans {
                size += FoundSpan.size
                for attribute in span.attributes { size += 64 + attribute.value.size }
            }
        }
        return size
    }
}

extension FoundSpan {
    /// The approximate size in bytes without attributes.
    fileprivate static var size: Int { 96 }
}

extension Database {
    /// Passes the spans that satisfy `condition` to `body`, newest first, until it returns `false`. Each row has the
    /// columns of ``SpanColumns``, the context's id and the payload.
    package func scanSpans(
        _ condition: SpanPushdown, _ range: ClosedRange<UInt64>?, _ body: (borrowing Row) throws -> Bool
    ) throws {
        var sql = "SELECT \(SpanColumns.list), context, payload FROM spans WHERE \(condition.sql)"
        var parameters = condition.parameters
        if let range {
            sql += " AND start BETWEEN ? AND ?"
            parameters += [.integer(Int64(clamping: range.lowerBound)), .integer(Int64(clamping: range.upperBound))]
        }
        try forEachRow(dynamic: sql + " ORDER BY start DESC", parameters, body)
    }
}

extension TraceQL.TraceView {
    init(
        _ spans: [StoredSpan], _ facts: TraceFacts, _ fields: [TraceQL.Field], _ budget: QueryBudget
    ) throws {
        var indices: [UInt64: Int] = [:]
        for (index, span) in spans.enumerated() where indices[span.columns.spanID] == nil {
            indices[span.columns.spanID] = index
        }
        let values = try spans.map { span in
            try budget.hold(64)
            let values = try span.payload.withUnsafeBufferPointer { payload in
                try SpanFields(columns: span.columns, context: span.context, payload: payload, trace: facts)
                    .values(of: fields, budget)
            }
            try budget.hold(values.reduce(0) { $0 + $1.size })
            return values
        }
        self.init(
            values: values,
            parents: spans.map { $0.columns.parentID == 0 ? nil : indices[$0.columns.parentID] })
    }
}

extension TraceQL.Query {
    /// Whether the query contains `field = nil`: a result then shows the absence.
    fileprivate func asksForAbsence(of field: TraceQL.Field) -> Bool {
        expressions.contains { $0.asksForAbsence(of: field) }
    }
}

extension TraceQL.Expression {
    fileprivate func asksForAbsence(of field: TraceQL.Field) -> Bool {
        switch self {
        case .absent(.field(let absent)): absent == field
        case .literal, .field, .exists, .absent: false
        case .not(let operand), .negative(let operand): operand.asksForAbsence(of: field)
        case .binary(_, let left, let right): left.asksForAbsence(of: field) || right.asksForAbsence(of: field)
        }
    }
}
