import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
import SQLite
import TraceContext
import TraceQL

extension ConsoleReading {
    /// `GET overview`: the figures of all services in a range, its last errors and its slowest traces.
    func overview(_ request: Request) async throws -> Response {
        let parameters = ReadingParameters(request)
        let range = try parameters.range()
        let buckets = try parameters.count("buckets", default: 60, in: 1...1000)
        let now = Int64(clamping: now)
        let first = try await counts.value().first ?? now
        let steps = range.steps(buckets, from: first, through: now)
        let changes = FaultChanges(try await faultHistories.value(), range)
        return try await database.read { database, budget in
            var overview = Overview(range, steps)
            try overview.readSpans(database, budget)
            return try overview.response(changes, LogReader(database: database, budget: budget))
        }
    }
}

/// The figures of all services in a range.
struct Overview {
    private let range: ReadingRange
    private let steps: ReadingSteps
    private var totals: TraceTotals
    private var requests: RequestFigures
    private var isComplete = true

    private static let listed = 8
    private static let minute: UInt64 = 60_000_000_000

    init(_ range: ReadingRange, _ steps: ReadingSteps) {
        self.range = range
        self.steps = steps
        totals = TraceTotals(range)
        let end = UInt64(clamping: steps.start.plus(steps.step.times(Int64(steps.count))))
        let last = range.to.map { UInt64(clamping: $0) } ?? end
        requests = RequestFigures(steps: steps, minute: last.minus(Self.minute))
    }

    /// One pass over the spans, for the requests and the traces.
    mutating func readSpans(_ database: Database, _ budget: QueryBudget) throws {
        var services: [Int64: String] = [:]
        for (id, name) in try database.query(
            "SELECT id, service FROM trace_contexts", read: { ($0.int64(0), $0.text(1)) })
        {
            try budget.charge(4)
            try budget.hold(64)
            services[id] = name
        }
        let starts = TraceTotals.spanStarts(range)
        isComplete = try budget.pass { pass in
            try database.forEachRow(
                dynamic: """
                    SELECT trace_high, trace_low, start, duration, status, kind, context FROM spans
                    WHERE start BETWEEN ? AND ?
                    """,
                [.integer(Int64(clamping: starts.lowerBound)), .integer(Int64(clamping: starts.upperBound))]
            ) { row in
                try budget.charge(4)
                let id = TraceID(high: UInt64(bitPattern: row.int64(0)), low: UInt64(bitPattern: row.int64(1)))
                let start = UInt64(clamping: row.int64(2))
                let duration = UInt64(clamping: row.int64(3))
                let isError = row.int64(4) == Int64(TraceQL.Status.error.rawValue)
                try totals.add(id, start: start, duration: duration, isError: isError, budget)
                let kind = row.int64(5)
                let isRequest = kind == TraceQL.Kind.server.rawValue || kind == TraceQL.Kind.consumer.rawValue
                if isRequest, range.contains(start) {
                    try requests.add(
                        service: services[row.int64(6)] ?? "", start: start, duration: duration, isError: isError,
                        budget)
                }
                return pass.goesOn()
            }
        }
    }

    func response(_ changes: FaultChanges, _ reader: LogReader) throws -> Response {
        let (database, budget) = (reader.database, reader.budget)
        let lines = try LineFigures(range, steps, reader)
        let end = UInt64(range.end) - 1
        let edges = try ServiceEdges(min(requests.minute, end)...end, database, budget)
        return try .json { (json: inout JSONWriter) throws in
            try json.object { json in
                json.member("start", String(steps.start))
                json.member("step", steps.step)
                json.name("services")
                requests.write(to: &json)
                json.name("edges")
                edges.write(to: &json)
                lines.write(to: &json)
                json.name("lastErrors")
                try json.array { json in try writeErrors(to: &json, reader) }
                json.name("slowest")
                try json.array { json in
                    let slowest = totals.inRange.sorted { ($0.duration, $0.start) > ($1.duration, $1.start) }
                    let contexts = StoredContexts()
                    for total in slowest.prefix(Self.listed) { try json.trace(total.id, database, budget, contexts) }
                }
                json.name("faultChanges")
                changes.write(to: &json)
                json.member("complete", isComplete)
            }
        }
    }

    private static let errorLevels: Set = ["error", "critical", "fatal"]

    /// The newest lines with an error's level.
    private func writeErrors(to json: inout JSONWriter, _ reader: LogReader) throws {
        let streams = try reader.streams([], from: range.start, to: range.end)
            .filter { $0.detectedLevel.map { Self.errorLevels.contains($0.lowercased()) } ?? true }
        var count = 0
        try reader.forEachLine(of: streams, from: range.start, to: range.end, newestFirst: true) { line in
            guard Self.errorLevels.contains(line.level.lowercased()) else { return true }
            try LineJSON(line, nil, reader.budget).write(to: &json, reader.budget)
            count += 1
            return count < Self.listed
        }
    }
}
