import LogQL
import QuerySupport
import Vocabulary

/// Runs a query for lines.
package struct LogQuery {
    package var pipeline: LogPipeline
    package var range: QueryRange
    package var limit: Int
    package var newestFirst: Bool
    /// The minimum distance between two lines of any streams, in nanoseconds; 0 for none.
    package var interval: Int64 = 0
    /// Whether the answer separates stream labels, structured metadata and parsed labels.
    package var categorizesLabels = false

    package init(
        pipeline: LogPipeline, range: QueryRange, limit: Int, newestFirst: Bool, interval: Int64 = 0,
        categorizesLabels: Bool = false
    ) {
        self.pipeline = pipeline
        self.range = range
        self.limit = limit
        self.newestFirst = newestFirst
        self.interval = interval
        self.categorizesLabels = categorizesLabels
    }

    package struct Entry {
        package var time: Int64
        package var line: String
        /// Only filled if labels are separated.
        package var metadata: [Label] = []
        package var parsed: [Label] = []
    }

    package struct Stream {
        package var labels: [Label]
        package var entries: [Entry]
    }

    package struct Result {
        package var streams: [Stream]
        package var statistics: QueryStatistics
    }

    package func run(_ reader: LogReader) throws -> Result {
        let streams = try reader.streams(pipeline.matchers, from: range.start, to: range.end)
        let budget = reader.budget
        let compiled = CompiledPipeline(pipeline, budget: budget)
        var found: [Stream] = []
        var index: [[Label]: Int] = [:]
        var statistics = QueryStatistics()
        var last: Int64?
        try reader.forEachLine(
            of: streams, from: range.start, to: range.end, newestFirst: newestFirst, traceKey: pipeline.traceKey
        ) { line in
            statistics.lines += 1
            statistics.bytes += line.text.count
            statistics.metadataBytes += line.metadataBytes.count
            guard compiled.admits(line.text), let processed = compiled.process(line) else {
                return try budget.goesOn()
            }
            let labels = processed.labels
            statistics.linesAfterFilter += 1
            if interval > 0 {
                if let last, line.time.minus(last).magnitude < interval.magnitude { return try budget.goesOn() }
                last = line.time
            }
            try budget.hold(processed.size(of: line) + 64)
            let text = processed.rewritten ?? String(decoding: line.text, as: UTF8.self)
            var entry = Entry(time: line.time, line: text)
            if categorizesLabels {
                entry.metadata = labels.metadata.sorted()
                entry.parsed = labels.parsed.sorted()
            }
            let key = categorizesLabels ? labels.stream : labels.merged
            if let place = index[key] {
                found[place].entries.append(entry)
            } else {
                index[key] = found.count
                found.append(Stream(labels: key, entries: [entry]))
            }
            statistics.entriesReturned += 1
            return statistics.entriesReturned < limit
        }
        found.sort { newestFirst ? $1.labels.precedes($0.labels) : $0.labels.precedes($1.labels) }
        return Result(streams: found, statistics: statistics)
    }
}

extension ProcessedLine {
    /// The approximate size in bytes of the line and its labels in a result.
    func size(of line: StoredLine) -> Int {
        let text = rewritten?.utf8.count ?? line.text.count
        return text + labels.stream.size + labels.metadata.size + labels.parsed.size
    }
}

extension LogPipeline {
    /// The index key of the trace, if the query is restricted to one: taken from a filter on `trace_id` that every line
    /// must pass before any stage can change its labels.
    package var traceKey: Int64? {
        for stage in stages {
            switch stage {
            case .line, .lineFormat: continue
            case .label(let filter): if let id = filter.requiredTraceID { return TraceKey.of(id) }
            case .json, .logfmt, .pattern, .regexp, .labelFormat, .drop, .keep: return nil
            }
        }
        return nil
    }
}

extension LabelFilter {
    fileprivate var requiredTraceID: String? {
        switch self {
        case .and(let left, let right): left.requiredTraceID ?? right.requiredTraceID
        case .text(let matcher) where matcher.name == LogField.traceID && matcher.comparison == .equal:
            matcher.value.isEmpty ? nil : matcher.value
        case .text, .or, .quantity: nil
        }
    }
}
