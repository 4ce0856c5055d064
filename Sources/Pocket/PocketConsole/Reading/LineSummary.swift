import Encoding
import LogQL
import PocketStore
import QuerySupport
import SQLite

/// The figures of a query for lines: how many are stored, selected and matched, by level and over time.
struct LineSummary {
    private let steps: ReadingSteps
    private let stored: Int
    private var selected = 0
    private var matched = 0
    private var names: [String] = []
    /// The index of each level in ``names``, and of the level of each stream whose lines all have the same.
    private var indices: [String: Int] = [:]
    private var indicesOfStreams: [Int64: Int] = [:]
    private var selectedByLevel: [Int] = []
    private var matchedByLevel: [Int] = []
    /// The matched lines by interval and level.
    private var buckets: [[Int]]
    private var current = 0

    /// - Parameter streams: the streams that the query selects.
    init(_ range: ReadingRange, buckets count: Int, _ streams: [LogStream], _ reader: LogReader, now: UInt64) throws {
        // Each alone comes from the index at once; both together read all of it.
        let bounds = try reader.database.first(
            "SELECT (SELECT min(time_ns) FROM log_lines), (SELECT max(time_ns) FROM log_lines)"
        ) { ($0.optionalInt64(0), $0.optionalInt64(1)) }
        let now = Int64(clamping: now)
        steps = range.steps(count, from: bounds?.0 ?? now, through: max(bounds?.1 ?? now, now))
        buckets = Array(repeating: [], count: steps.count)
        stored = try reader.count(without: streams, range)
    }

    /// Counts a line that the stream selector selects; ``match(_:)`` may follow for the same line.
    mutating func select(_ line: StoredLine) {
        current = level(of: line)
        selected += 1
        selectedByLevel[current] += 1
    }

    /// Counts the line as one that matches the whole query.
    mutating func match(_ line: StoredLine) {
        matched += 1
        matchedByLevel[current] += 1
        let bucket = steps.index(of: line.time)
        while buckets[bucket].count <= current { buckets[bucket].append(0) }
        buckets[bucket][current] += 1
    }

    private mutating func level(of line: StoredLine) -> Int {
        if let index = indicesOfStreams[line.stream.id] { return index }
        let name = line.level
        let index = indices[name] ?? names.count
        if index == names.count {
            indices[name] = index
            names.append(name)
            selectedByLevel.append(0)
            matchedByLevel.append(0)
        }
        if line.stream.level != nil { indicesOfStreams[line.stream.id] = index }
        return index
    }

    func write(to json: inout JSONWriter, since begun: ContinuousClock.Instant, isComplete: Bool) {
        json.object { json in
            json.member("stored", stored + selected)
            json.member("selected", selected)
            json.member("matched", matched)
            json.name("levels")
            json.levels(names, selectedByLevel)
            json.name("matchedLevels")
            json.levels(names, matchedByLevel)
            json.member("start", String(steps.start))
            json.member("step", steps.step)
            json.name("buckets")
            json.array { json in for bucket in buckets { json.levels(names, bucket) } }
            json.member("milliseconds", (ContinuousClock.now - begun).milliseconds)
            json.member("complete", isComplete)
        }
    }
}

extension JSONWriter {
    /// Counts by the level's name, without those that are zero.
    mutating func levels(_ names: [String], _ counts: [Int]) {
        let counted = zip(names, counts).filter { $1 > 0 }.sorted { $0.0 < $1.0 }
        object { json in for (name, count) in counted { json.member(name, count) } }
    }
}

extension LogReader {
    /// The number of lines in the range that belong to none of `streams`.
    func count(without streams: [LogStream], _ range: ReadingRange) throws -> Int {
        try budget.charge(1 + streams.count)
        return try database.first(
            """
            SELECT count(*) FROM log_lines INDEXED BY log_lines_by_time
            WHERE time_ns >= ? AND time_ns < ? AND stream_id NOT IN (SELECT value FROM json_each(?))
            """, .integer(range.start), .integer(range.end),
            .text("[" + streams.map { String($0.id) }.joined(separator: ",") + "]")
        ) { Int($0.int64(0)) } ?? 0
    }
}
