import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
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

    /// One pass over the range: the lines of the page and the figures of the others.
    func response(_ reader: LogReader, now: UInt64) throws -> Response {
        let begun = ContinuousClock.now
        let pipeline = try ReadingQuery.logs(query, reader.budget)
        let streams = try reader.streams(pipeline.matchers, from: range.start, to: range.end)
        let summary = try buckets.map { try LineSummary(range, buckets: $0, streams, reader, now: now) }
        var pass = LinePass(self, pipeline, summary, reader.budget)
        return try .json { (json: inout JSONWriter) throws in
            try json.object { json in
                json.name("lines")
                var isComplete = true
                try json.array { json in
                    isComplete = try reader.budget.pass { watch in
                        // The figures are of all lines: only a page without them may take the index of a trace.
                        try reader.forEachLine(
                            of: streams, from: range.start, to: range.end, newestFirst: newestFirst,
                            traceKey: summary == nil ? pipeline.traceKey : nil
                        ) { line in
                            guard watch.goesOn() else { return false }
                            return try pass.take(line, writingTo: &json)
                        }
                    }
                }
                json.member("offset", offset)
                json.member("more", pass.matched > offset + limit)
                guard let summary = pass.summary else { return json.member("complete", isComplete) }
                json.name("summary")
                summary.write(to: &json, since: begun, isComplete: isComplete)
            }
        }
    }
}

/// Takes line after line for a page.
struct LinePass {
    private let page: LinePage
    private let pipeline: CompiledPipeline
    private let budget: QueryBudget
    private(set) var summary: LineSummary?
    private(set) var matched = 0

    init(_ page: LinePage, _ pipeline: LogPipeline, _ summary: LineSummary?, _ budget: QueryBudget) {
        self.page = page
        self.pipeline = CompiledPipeline(pipeline, budget: budget)
        self.summary = summary
        self.budget = budget
    }

    /// Counts a line of the selected streams, and writes it if it belongs to the page. Returns whether more lines are
    /// wanted.
    mutating func take(_ line: StoredLine, writingTo json: inout JSONWriter) throws -> Bool {
        summary?.select(line)
        guard pipeline.admits(line.text) else { return try budget.goesOn() }
        let isShown = matched >= page.offset && matched < page.offset + page.limit
        // Where the text alone decides, a line that is only counted has no need of its labels.
        if isShown || !pipeline.endsWithLineFilters {
            guard let processed = pipeline.process(line) else { return try budget.goesOn() }
            if isShown { try LineJSON(line, processed, budget).write(to: &json, budget) }
        }
        summary?.match(line)
        matched += 1
        return summary != nil || matched <= page.offset + page.limit
    }
}
