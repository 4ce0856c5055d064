import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
import Vocabulary

/// The answers of Loki's HTTP API.
enum LokiResponses {
    static let contentType = "application/json; charset=UTF-8"

    static func json(_ bytes: [UInt8]) -> Response {
        Response(headers: [Header.contentType: contentType], body: bytes)
    }

    /// An error: Loki answers with plain text.
    static func error(_ message: String, status: HTTPStatus) -> Response {
        Response(
            status: status,
            headers: [Header.contentType: "text/plain; charset=utf-8", Header.contentTypeOptions: "nosniff"],
            body: Array(message.utf8))
    }

    /// `{"status":"success","data":{"resultType":…,"result":…,"stats":…}}`.
    private static func success(
        _ type: String, flags: [String] = [], _ statistics: QueryStatistics, seconds: Double,
        _ result: (inout JSONWriter) throws -> Void
    ) throws -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        try json.object { (json) throws in
            json.member("status", "success")
            json.name("data")
            try json.object { (json) throws in
                json.member("resultType", type)
                if !flags.isEmpty {
                    json.name("encodingFlags")
                    json.array { for flag in flags { $0.value(flag) } }
                }
                json.name("result")
                try result(&json)
                json.name("stats")
                json.object { write(statistics, seconds, &$0) }
            }
        }
        return json.bytes
    }

    private static func write(_ statistics: QueryStatistics, _ seconds: Double, _ json: inout JSONWriter) {
        let elapsed = max(seconds, 1e-6)
        json.name("summary")
        json.object {
            $0.member("bytesProcessedPerSecond", Int64(nearest: Double(statistics.bytes) / elapsed))
            $0.member("linesProcessedPerSecond", Int64(nearest: Double(statistics.lines) / elapsed))
            $0.member("totalBytesProcessed", statistics.bytes)
            $0.member("totalLinesProcessed", statistics.lines)
            $0.member("execTime", seconds)
            $0.member("queueTime", 0)
            $0.member("subqueries", 0)
            $0.member("totalEntriesReturned", statistics.entriesReturned)
            $0.member("splits", 0)
            $0.member("shards", 0)
            $0.member("totalPostFilterLines", statistics.linesAfterFilter)
            $0.member("totalStructuredMetadataBytesProcessed", statistics.metadataBytes)
        }
    }

    private static func write(_ labels: [Label], _ json: inout JSONWriter) {
        json.object { for label in labels { $0.member(label.name, label.value) } }
    }

    // MARK: Lines

    static func streams(
        _ result: LogQuery.Result, categorized: Bool, seconds: Double, _ budget: QueryBudget
    ) throws -> [UInt8] {
        let flags = categorized ? ["categorize-labels"] : []
        return try success("streams", flags: flags, result.statistics, seconds: seconds) { json in
            try json.array { (json) throws in
                for stream in result.streams {
                    try json.object { (json) throws in
                        json.name("stream")
                        write(stream.labels, &json)
                        json.name("values")
                        try json.array { (json) throws in
                            for entry in stream.entries {
                                try json.charged(budget) { write(entry, categorized, &$0) }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(_ entry: LogQuery.Entry, _ categorized: Bool, _ json: inout JSONWriter) {
        json.array {
            $0.value(String(entry.time))
            $0.value(entry.line)
            guard categorized else { return }
            $0.object {
                for (name, labels) in [("structuredMetadata", entry.metadata), ("parsed", entry.parsed)]
                where !labels.isEmpty {
                    $0.name(name)
                    write(labels, &$0)
                }
            }
        }
    }

    // MARK: Numbers

    /// The answer to a range query: series with their points.
    static func matrix(
        _ result: MetricQuery.Result, _ range: QueryRange, seconds: Double, _ budget: QueryBudget
    ) throws -> [UInt8] {
        let series: [MetricSeries]
        switch result.value {
        case .scalar(let value):
            series = [MetricSeries(labels: [], values: Array(repeating: value, count: range.stepCount))]
        case .vector(let vector): series = vector.sorted { $0.labels.precedes($1.labels) }
        }
        var statistics = result.statistics
        statistics.entriesReturned = series.count
        return try success("matrix", statistics, seconds: seconds) { json in
            try json.array { (json) throws in
                for one in series where one.values.contains(where: { $0 != nil }) {
                    try json.charged(budget) { json in
                        json.object {
                            $0.name("metric")
                            write(one.labels, &$0)
                            $0.name("values")
                            $0.array {
                                for (step, value) in one.values.enumerated() {
                                    if let value { write(range.time(ofStep: step), value, &$0) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whether the series of an answer are sorted by labels or by value.
    enum VectorOrder { case labels, ascending, descending }

    /// The answer to an instant metric query.
    static func vector(
        _ result: MetricQuery.Result, at time: Int64, order: VectorOrder, seconds: Double, _ budget: QueryBudget
    ) throws -> [UInt8] {
        var statistics = result.statistics
        statistics.entriesReturned = 1
        switch result.value {
        case .scalar(let value):
            return try success("scalar", statistics, seconds: seconds) { write(time, value, &$0) }
        case .vector(let vector):
            let series = vector.sorted { left, right in
                if order != .labels, let first = left.values[0], let second = right.values[0], first != second {
                    return (first > second) == (order == .descending)
                }
                return left.labels.precedes(right.labels)
            }
            statistics.entriesReturned = series.count
            return try success("vector", statistics, seconds: seconds) { json in
                try json.array { (json) throws in
                    for one in series {
                        guard let value = one.values[0] else { continue }
                        try json.charged(budget) { json in
                            json.object {
                                $0.name("metric")
                                write(one.labels, &$0)
                                $0.name("value")
                                write(time, value, &$0)
                            }
                        }
                    }
                }
            }
        }
    }

    /// `[1795193713.9,"8"]`: seconds with at most milliseconds, and the number as a string.
    private static func write(_ time: Int64, _ value: Double, _ json: inout JSONWriter) {
        json.array {
            $0.value(Double(time / 1_000_000) / 1000)
            $0.value(FloatFormat.string(value))
        }
    }

    // MARK: Labels

    /// A list of names or values; like Loki, omits `data` if the list is empty.
    static func list(_ values: [String]) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("status", "success")
            guard !values.isEmpty else { return }
            $0.name("data")
            $0.array { for value in values { $0.value(value) } }
        }
        return json.bytes
    }

    static func series(_ streams: [[Label]]) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("status", "success")
            $0.name("data")
            $0.array { for labels in streams { write(labels, &$0) } }
        }
        return json.bytes
    }
}

extension JSONWriter {
    /// Writes a part of an answer and charges it.
    /// - Throws: once the answer is larger than the budget allows, or took too long.
    mutating func charged(_ budget: QueryBudget, _ body: (inout JSONWriter) -> Void) throws {
        let count = output.count
        body(&self)
        try budget.hold(output.count - count)
        try budget.charge(1 + (output.count - count) / 64)
    }
}
