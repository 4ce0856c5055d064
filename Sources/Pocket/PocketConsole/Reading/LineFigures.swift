import Encoding
import LogQL
import PocketStore
import QuerySupport
import SQLite

/// The number of lines by level, in all and over time.
struct LineFigures {
    private var names: [String] = []
    private var indices: [String: Int] = [:]
    private var all: [Int] = []
    private var buckets: [[Int]]

    init(_ range: ReadingRange, _ steps: ReadingSteps, _ reader: LogReader) throws {
        buckets = Array(repeating: [], count: steps.count)
        let streams = try reader.streams([], from: range.start, to: range.end)
        try countStreams(streams.filter { $0.detectedLevel != nil }, range, steps, reader)
        // Lines of these differ in level.
        let others = streams.filter { $0.detectedLevel == nil }
        try reader.forEachLine(of: others, from: range.start, to: range.end, newestFirst: false) { line in
            add(1, line.level, steps.index(of: line.time))
            return true
        }
    }

    /// Counts the lines of streams whose lines all have the same level, with the index alone.
    private mutating func countStreams(
        _ streams: [LogStream], _ range: ReadingRange, _ steps: ReadingSteps, _ reader: LogReader
    ) throws {
        let levels = Dictionary(streams.compactMap { stream in stream.level.map { (stream.id, $0) } }) { $1 }
        try reader.database.forEachRow(
            dynamic: """
                SELECT (time_ns - ?1) / ?2 AS step, stream_id, count(*) FROM log_lines INDEXED BY log_lines_by_time
                WHERE time_ns >= ?3 AND time_ns < ?4 GROUP BY step, stream_id
                """, [.integer(steps.start), .integer(steps.step), .integer(range.start), .integer(range.end)]
        ) { row in
            try reader.budget.charge(16)
            guard let level = levels[row.int64(1)] else { return true }
            add(Int(row.int64(2)), level, min(max(0, Int(row.int64(0))), steps.count - 1))
            return true
        }
    }

    private mutating func add(_ count: Int, _ level: String, _ bucket: Int) {
        let index = indices[level] ?? names.count
        if index == names.count {
            indices[level] = index
            names.append(level)
            all.append(0)
        }
        all[index] += count
        while buckets[bucket].count <= index { buckets[bucket].append(0) }
        buckets[bucket][index] += count
    }

    func write(to json: inout JSONWriter) {
        json.name("levels")
        json.levels(names, all)
        json.name("lines")
        json.array { json in for bucket in buckets { json.levels(names, bucket) } }
    }
}
