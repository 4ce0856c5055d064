import Encoding
import Verification
import Vocabulary

/// The spans of a trace as a tree, each with its log lines, sorted by time.
///
/// The tree is a list whose members refer to each other by index: a trace comes from whoever sends spans, and may be
/// one long chain. Building it takes linear time, apart from sorting.
struct SpanTree {
    struct Node {
        var span: SpanRecord
        var standing: Standing
        /// Child spans and log lines, sorted by start.
        var children: [Child] = []
    }

    /// How a span is placed in the tree.
    enum Standing {
        /// It names no parent.
        case root
        /// It is placed under its parent.
        case child
        /// It names a parent that is not among the spans.
        case orphan
        /// It is its own parent, or its parent's parent, and so on: the earliest span of the cycle becomes its root.
        case cycle
    }

    enum Child {
        /// The index of a span in the nodes.
        case span(Int)
        case line(LogRecord, at: UInt64)
    }

    /// All spans, earliest first.
    private(set) var nodes: [Node]
    /// The indices of the spans without a parent in the tree, earliest first.
    let roots: [Int]
    /// Log lines that name no span, or one that is not in the trace.
    let strayLines: [LogRecord]
    /// How many spans were dropped as duplicates.
    let duplicates: Int
    /// Nanoseconds since the Unix epoch: from the first span's start to the last one's end.
    let range: ClosedRange<UInt64>

    init(_ trace: TraceData, lines: [LogRecord]) {
        let spans = Self.ordered(trace.spans)
        duplicates = trace.spans.count - spans.count
        var places: [String: Int] = [:]
        for (place, span) in spans.enumerated() where places[span.spanID] == nil { places[span.spanID] = place }
        var parents = spans.map { span in span.parentSpanID.flatMap { places[$0] } }
        let cycles = Self.cut(&parents)

        nodes = spans.indices.map { place in
            let standing: Standing =
                if cycles.contains(place) {
                    .cycle
                } else if parents[place] != nil {
                    .child
                } else {
                    spans[place].parentSpanID == nil ? .root : .orphan
                }
            return Node(span: spans[place], standing: standing)
        }
        roots = spans.indices.filter { parents[$0] == nil }

        var stray: [LogRecord] = []
        var children: [[(time: UInt64, child: Child)]] = Array(repeating: [], count: spans.count)
        // Lines first: a line is shown before a call of the same time.
        for line in lines.inOrderOfTime {
            guard let place = line.spanID.flatMap({ places[$0] }) else {
                stray.append(line)
                continue
            }
            let moment = line.moment(in: spans[place])
            children[place].append((moment, .line(line, at: moment)))
        }
        for (place, parent) in parents.enumerated() {
            if let parent { children[parent].append((spans[place].startNS, .span(place))) }
        }
        for place in spans.indices where !children[place].isEmpty {
            nodes[place].children = children[place].enumerated()
                .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element.child)
        }
        strayLines = stray
        range = Self.range(of: spans)
    }

    /// Identifies a span. The id alone is not enough: in some systems a client and its server share one.
    private struct Identity: Hashable {
        var spanID: String
        var service: String
        var name: String
        var kind: SpanRecord.Kind
        var start: UInt64
        var end: UInt64
    }

    /// Each span once, earliest first.
    private static func ordered(_ spans: [SpanRecord]) -> [SpanRecord] {
        var seen: Set<Identity> = []
        return spans.filter {
            seen.insert(
                Identity(
                    spanID: $0.spanID, service: $0.service, name: $0.name, kind: $0.kind, start: $0.startNS,
                    end: $0.endNS)
            ).inserted
        }.sorted { ($0.startNS, $0.spanID) < ($1.startNS, $1.spanID) }
    }

    /// Removes the parent of the earliest span of each cycle; returns these spans.
    private static func cut(_ parents: inout [Int?]) -> Set<Int> {
        var cycles: Set<Int> = []
        /// The walk that first reached a span; 0 for none.
        var walks = Array(repeating: 0, count: parents.count)
        for start in parents.indices where walks[start] == 0 {
            var place = start
            walks[place] = start + 1
            while let parent = parents[place] {
                guard walks[parent] == 0 else {
                    // Reached by this same walk: a cycle.
                    if walks[parent] == start + 1 {
                        var earliest = parent
                        var member = parent
                        while let next = parents[member], next != parent {
                            earliest = min(earliest, next)
                            member = next
                        }
                        parents[earliest] = nil
                        cycles.insert(earliest)
                    }
                    break
                }
                place = parent
                walks[place] = start + 1
            }
        }
        return cycles
    }

    /// Ignores missing times: only those that are set count, and the end is never before the start.
    private static func range(of spans: [SpanRecord]) -> ClosedRange<UInt64> {
        let starts = spans.map(\.startNS).filter { $0 > 0 }
        let times = starts + spans.map(\.endNS).filter { $0 > 0 }
        let start = starts.min() ?? times.min() ?? 0
        return start...max(start, times.max() ?? start)
    }
}

extension [LogRecord] {
    /// The lines sorted by the time they were written; lines with the same time keep their order.
    package var inOrderOfTime: [LogRecord] {
        enumerated().sorted { ($0.element.momentNS, $0.offset) < ($1.element.momentNS, $1.offset) }.map(\.element)
    }
}

extension LogRecord {
    /// When the line was written: its own timestamp, which every backend keeps, otherwise the store's.
    var momentNS: UInt64 { ownTimestampNS ?? timestampNS }

    /// When the line was written, given its span. Timestamps are truncated, so a line written at the beginning of a
    /// span may seem to precede it.
    func moment(in span: SpanRecord) -> UInt64 {
        let moment = momentNS
        return moment < span.startNS && span.startNS - moment < granularityNS ? span.startNS : moment
    }

    /// The precision of the line's own timestamp.
    private var granularityNS: UInt64 {
        guard ownTimestampNS != nil, let text = fields[LogField.timestamp]?.string else { return 1 }
        let fraction = text.utf8.drop { $0 != UInt8(ascii: ".") }.dropFirst()
        var granularity: UInt64 = 1_000_000_000
        for byte in fraction {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), granularity > 1 else { break }
            granularity /= 10
        }
        return granularity
    }
}
