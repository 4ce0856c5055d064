import Encoding
import LogQL
import QuerySupport
import RegularExpressions
import SQLite

/// Reads streams and lines; used on a reader's thread.
package struct LogReader {
    package let database: Database
    package let budget: QueryBudget

    package init(database: Database, budget: QueryBudget) {
        self.database = database
        self.budget = budget
    }

    /// The maximum number of streams listed in a statement's text.
    private static let maximumNamedStreams = 32
    /// The cost of a row in steps, so that a spent budget is noticed after some hundred rows.
    private static let stepsOfRow = 16

    /// The streams with lines between `start` and `end` that match all `matchers`.
    package func streams(_ matchers: [LabelMatcher], from start: Int64, to end: Int64) throws -> [LogStream] {
        let regexes = matchers.map { matcher in
            matcher.expression.map { RegexMatcher($0, anchored: true, meter: budget) }
        }
        return try database.query(
            "SELECT id, labels FROM log_streams WHERE last_ns >= ? AND first_ns <= ?", .integer(start), .integer(end)
        ) { row -> LogStream? in
            let text = row.text(1)
            try budget.charge(1 + text.utf8.count / 16 + matchers.count)
            let labels = try Self.labels(text)
            for (matcher, regex) in zip(matchers, regexes) {
                let value = labels[matcher.name] ?? ""
                let holds =
                    if let regex {
                        regex.matches(value) == (matcher.comparison == .matches)
                    } else {
                        (value == matcher.value) == (matcher.comparison == .equal)
                    }
                if !holds { return nil }
            }
            try budget.hold(96 + labels.size)
            return LogStream(id: row.int64(0), labels: labels, detectedLevel: LevelDetection.level(of: labels))
        }.compactMap { $0 }
    }

    private static func labels(_ json: String) throws -> [Label] {
        try JSONValue(parsing: json).object?.members.map { Label($0.name, $0.value.string ?? "") } ?? []
    }

    /// Passes the lines of `streams` with `start <= time < end` to `body`, oldest or newest first, until it returns
    /// `false`. Lines with equal time, labels, metadata and text are passed once, as in Loki.
    /// - Parameter traceKey: only lines of that trace: its index is used instead of the time's.
    package func forEachLine(
        of streams: [LogStream], from start: Int64, to end: Int64, newestFirst: Bool, traceKey: Int64? = nil,
        _ body: (StoredLine) throws -> Bool
    ) throws {
        guard !streams.isEmpty, start < end else { return }
        let byID = Dictionary(streams.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let order = newestFirst ? "DESC" : "ASC"
        var parameters: [Database.Value] = [.integer(start), .integer(end)]
        let filter: String
        if let traceKey {
            parameters.append(.integer(traceKey))
            filter = "INDEXED BY log_lines_by_trace WHERE time_ns >= ?1 AND time_ns < ?2 AND trace_key = ?3"
        } else {
            // Ids are our own integers. A few are written into the text; many are bound as a list, so that the text
            // stays the same.
            let ids = streams.map { String($0.id) }.joined(separator: ",")
            var wanted = ids
            if streams.count > Self.maximumNamedStreams {
                wanted = "SELECT value FROM json_each(?3)"
                parameters.append(.text("[" + ids + "]"))
            }
            filter =
                "INDEXED BY log_lines_by_time WHERE time_ns >= ?1 AND time_ns < ?2 AND stream_id IN (\(wanted))"
        }
        var repeated = RepetitionFilter()
        try database.forEachRow(
            dynamic: """
                SELECT time_ns, stream_id, content, metadata, line FROM log_lines \(filter)
                ORDER BY time_ns \(order), id \(order)
                """, parameters
        ) { row in
            try budget.charge(Self.stepsOfRow)
            let time = row.int64(0)
            let id = row.int64(1)
            guard let stream = byID[id], repeated.isNew(time, id, row.int64(2)) else { return true }
            return try row.withBytes(3) { metadata in
                try row.withBytes(4) { text in
                    try body(StoredLine(time: time, stream: stream, metadataBytes: metadata, text: text))
                }
            }
        }
    }
}

/// Detects repeated lines, which have the same time and so come next to each other.
private struct RepetitionFilter {
    private struct Line: Hashable {
        var stream: Int64
        var content: Int64
    }
    private var time = Int64.min
    private var first = Line(stream: 0, content: 0)
    private var others: Set<Line> = []

    mutating func isNew(_ time: Int64, _ stream: Int64, _ content: Int64) -> Bool {
        let line = Line(stream: stream, content: content)
        guard time == self.time else {
            self.time = time
            first = line
            if !others.isEmpty { others.removeAll(keepingCapacity: true) }
            return true
        }
        return line != first && others.insert(line).inserted
    }
}
