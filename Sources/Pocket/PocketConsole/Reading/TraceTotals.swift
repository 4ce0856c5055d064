import QuerySupport
import SQLite
import TraceContext
import TraceQL

/// What a list of traces needs of every trace that starts in a range, from the columns of its spans.
struct TraceTotals {
    struct Total {
        var id: TraceID
        /// Nanoseconds since the Unix epoch.
        var start: UInt64
        var end: UInt64
        var errors = 0

        var duration: UInt64 { end - start }
    }

    private var totals: [Total] = []
    private var places: [TraceID: Int] = [:]
    private let range: ReadingRange

    /// How far from the range's ends spans are read, in nanoseconds: a trace that begins before the range does not belong
    /// to it, and one that begins in it may end later.
    private static let margin: Int64 = 300_000_000_000

    init(_ range: ReadingRange) { self.range = range }

    /// The start times of the spans to read.
    static func spanStarts(_ range: ReadingRange) -> ClosedRange<UInt64> {
        let start = UInt64(clamping: range.start.minus(margin))
        return start...max(start, UInt64(clamping: range.end.plus(margin)))
    }

    /// Counts a span.
    mutating func add(_ id: TraceID, start: UInt64, duration: UInt64, isError: Bool, _ budget: QueryBudget) throws {
        let end = start.plus(duration)
        guard let place = places[id] else {
            try budget.hold(96)
            places[id] = totals.count
            totals.append(Total(id: id, start: start, end: end, errors: isError ? 1 : 0))
            return
        }
        totals[place].start = min(totals[place].start, start)
        totals[place].end = max(totals[place].end, end)
        if isError { totals[place].errors += 1 }
    }

    /// The traces that start in the range, in no particular order.
    var inRange: [Total] { totals.filter { range.contains($0.start) } }

    /// Reads the spans of the range; returns whether all were read.
    mutating func read(_ database: Database, _ budget: QueryBudget) throws -> Bool {
        let starts = Self.spanStarts(range)
        return try budget.pass { pass in
            try database.forEachRow(
                dynamic: """
                    SELECT trace_high, trace_low, start, duration, status FROM spans WHERE start BETWEEN ? AND ?
                    """,
                [.integer(Int64(clamping: starts.lowerBound)), .integer(Int64(clamping: starts.upperBound))]
            ) { row in
                try budget.charge(4)
                let id = TraceID(high: UInt64(bitPattern: row.int64(0)), low: UInt64(bitPattern: row.int64(1)))
                try add(
                    id, start: UInt64(clamping: row.int64(2)), duration: UInt64(clamping: row.int64(3)),
                    isError: row.int64(4) == Int64(TraceQL.Status.error.rawValue), budget)
                return pass.goesOn()
            }
        }
    }
}
