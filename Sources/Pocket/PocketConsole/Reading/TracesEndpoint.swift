import Encoding
import HTTP
import PocketStore
import QuerySupport
import SQLite
import TraceContext

extension ConsoleReading {
    enum TraceOrder: String, CaseIterable, Sendable { case newest, slowest, errors }

    /// `GET traces`: a page of the traces that match a query.
    func traces(_ request: Request) async throws -> Response {
        let parameters = ReadingParameters(request)
        let page = TraceListing(query: parameters["query"] ?? "{}", range: try parameters.range())
        let order = try parameters.choice("order", default: TraceOrder.newest)
        let offset = try parameters.count("offset", default: 0, in: 0...1_000_000_000)
        let limit = try parameters.count("limit", default: 50, in: 0...500)
        return try await database.read { database, budget in
            try page.response(order, offset: offset, limit: limit, database, budget)
        }
    }

    /// `GET traces/dots`: every matching trace as a point.
    func dots(_ request: Request) async throws -> Response {
        let parameters = ReadingParameters(request)
        let page = TraceListing(query: parameters["query"] ?? "{}", range: try parameters.range())
        return try await database.read { database, budget in try page.dots(database, budget) }
    }
}

/// The traces of a range that match a query. A trace belongs to the range in which its first span starts.
struct TraceListing: Sendable {
    var query: String
    var range: ReadingRange

    /// The maximum number of points.
    private static let maximumDots = 10_000

    private struct Found {
        var traces: [TraceTotals.Total]
        var stored: Int
        var isComplete: Bool
    }

    private func find(_ database: Database, _ budget: QueryBudget) throws -> Found {
        let query = try ReadingQuery.traces(query, budget)
        let matches = try TraceMatches(query, range, database, budget)
        var totals = TraceTotals(range)
        let isComplete = try totals.read(database, budget)
        let all = totals.inRange
        return Found(
            traces: all.filter { matches.contains($0.id) }, stored: all.count,
            isComplete: isComplete && matches.isComplete)
    }

    func response(
        _ order: ConsoleReading.TraceOrder, offset: Int, limit: Int, _ database: Database, _ budget: QueryBudget
    ) throws -> Response {
        let found = try find(database, budget)
        let sorted = found.traces.sorted { left, right in
            switch order {
            case .newest: (left.start, left.id.low) > (right.start, right.id.low)
            case .slowest: (left.duration, left.start) > (right.duration, right.start)
            case .errors: (left.errors, left.start) > (right.errors, right.start)
            }
        }
        let contexts = StoredContexts()
        return try .json { (json: inout JSONWriter) throws in
            try json.object { json in
                json.name("traces")
                try json.array { json in
                    for total in sorted.dropFirst(offset).prefix(limit) {
                        try json.trace(total.id, database, budget, contexts)
                    }
                }
                json.member("matched", found.traces.count)
                json.member("stored", found.stored)
                json.member("slowest", found.traces.map(\.duration).max() ?? 0)
                json.member("complete", found.isComplete)
            }
        }
    }

    func dots(_ database: Database, _ budget: QueryBudget) throws -> Response {
        let found = try find(database, budget)
        let newest = found.traces.sorted { ($0.start, $0.id.low) < ($1.start, $1.id.low) }.suffix(Self.maximumDots)
        let from = UInt64(range.from ?? newest.first.map { Int64(clamping: $0.start) } ?? 0)
        return try .json { (json: inout JSONWriter) throws in
            try json.object { json in
                json.member("from", String(from))
                json.name("dots")
                try json.array { json in
                    for trace in newest {
                        try budget.charge(4)
                        json.array {
                            $0.value(trace.id.description)
                            $0.value((trace.start - from) / 1000)
                            $0.value(trace.duration)
                            $0.value(trace.errors > 0 ? 1 : 0)
                        }
                    }
                    try budget.hold(json.output.count)
                }
                json.member("matched", found.traces.count)
                json.member("complete", found.isComplete)
            }
        }
    }
}
