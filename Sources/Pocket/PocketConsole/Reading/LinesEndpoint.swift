import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
import SQLite
import Vocabulary

extension ConsoleReading {
    enum LineOrder: String, CaseIterable, Sendable { case newest, oldest }

    /// `GET lines`: a page of the lines that match a query and, with `summary=1`, figures of all of them.
    func lines(_ request: Request) async throws -> Response {
        let parameters = ReadingParameters(request)
        let page = LinePage(
            query: parameters["query"] ?? LogStreams.all, range: try parameters.range(),
            newestFirst: try parameters.choice("order", default: LineOrder.newest) == .newest,
            offset: try parameters.count("offset", default: 0, in: 0...1_000_000_000),
            limit: try parameters.count("limit", default: 200, in: 0...LinePage.maximumLimit),
            buckets: try parameters.flag("summary")
                ? try parameters.count("buckets", default: 90, in: 1...1000) : nil)
        let now = now
        return try await database.read { database, budget in
            try page.response(LogReader(database: database, budget: budget), now: now)
        }
    }
}

/// A page of lines.
struct LinePage: Sendable {
    var query: String
    var range: ReadingRange
    var newestFirst: Bool
    var offset: Int
    var limit: Int
    /// The number of intervals of the summary; `nil` for a page without one.
    var buckets: Int?

    static let maximumLimit = 5000
    /// How long a pass over the lines may take before the page shows what there is by then.
    static let patience = Duration.seconds(5)

    /// One pass over the range: the lines of the page and the figures of the others.
    func response(_ reader: LogReader, now: UInt64) throws -> Response {
        let begun = ContinuousClock.now
        let pipeline = try QuerySuggestion.logs(query)
        let streams = try reader.streams(pipeline.matchers, from: range.start, to: range.end)
        let compiled = CompiledPipeline(pipeline, budget: reader.budget)
        var summary = try buckets.map { try LineSummary(range, buckets: $0, streams, reader, now: now) }
        var matched = 0
        var isComplete = true
        return try .json { (json: inout JSONWriter) throws in
            try json.object { json in
                json.name("lines")
                try json.array { json in
                    isComplete = try reader.pass { watch in
                        // The figures are of all lines, so only a page without them may take the index of a trace.
                        try reader.forEachLine(
                            of: streams, from: range.start, to: range.end, newestFirst: newestFirst,
                            traceKey: summary == nil ? pipeline.traceKey : nil
                        ) { line in
                            guard try watch.goesOn() else { return false }
                            summary?.select(line)
                            guard compiled.admits(line.text), let processed = compiled.process(line) else {
                                return try reader.budget.goesOn()
                            }
                            summary?.match(line)
                            matched += 1
                            if matched > offset, matched <= offset + limit {
                                try LineJSON(line, processed, reader.budget).write(to: &json, reader.budget)
                            }
                            return summary != nil || matched <= offset + limit
                        }
                    }
                }
                json.member("offset", offset)
                json.member("more", matched > offset + limit)
                guard let summary else { return json.member("complete", isComplete) }
                json.name("summary")
                summary.write(to: &json, since: begun, isComplete: isComplete)
            }
        }
    }
}

/// Looks at the clock while a pass over many rows goes on.
struct PassWatch {
    private let end: ContinuousClock.Instant
    private var rows = 0
    private(set) var isOver = false

    init(patience: Duration) { end = .now + patience }

    /// Whether there is time for another row.
    mutating func goesOn() throws -> Bool {
        rows += 1
        if rows % 256 == 0, ContinuousClock.now >= end { isOver = true }
        return !isOver
    }
}

extension QueryBudgetError {
    /// Whether what was found before the budget was spent can still be shown.
    fileprivate var leavesFigures: Bool {
        switch self {
        case .tooMuchWork, .timedOut: true
        case .tooLarge, .textTooLong, .abandoned: false
        }
    }
}

extension LogReader {
    /// Runs `body`, which passes over many rows; returns whether it came to the end before its time or its work ran
    /// out.
    func pass(_ body: (inout PassWatch) throws -> Void) throws -> Bool {
        try budget.pass(body)
    }
}

extension QueryBudget {
    /// Runs `body`, which passes over many rows; returns whether it came to the end before its time or its work ran
    /// out.
    func pass(_ body: (inout PassWatch) throws -> Void) throws -> Bool {
        var watch = PassWatch(patience: LinePage.patience)
        do {
            do { try body(&watch) } catch let error as SQLiteError {
                // The database was interrupted because the budget is spent.
                _ = try goesOn()
                throw error
            }
        } catch let error as QueryBudgetError where error.leavesFigures {
            return false
        }
        return !watch.isOver
    }
}
