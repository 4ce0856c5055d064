import Contracts
import Verification

/// The spans of a trace as a tree, each with its log lines, in order of time.
struct SpanTree {
    struct Node {
        var span: SpanRecord
        /// Whether a parent is named that is not among the spans.
        var lacksParent: Bool
        /// Child spans and log lines, by when they began.
        var children: [Child]
    }

    enum Child {
        case node(Node)
        case line(LogRecord)
    }

    /// The spans without a parent here, earliest first.
    let roots: [Node]
    /// Log lines whose span is not among the spans, or that name none.
    let strayLines: [LogRecord]
    /// Nanoseconds since the Unix epoch: from the first span's start to the last one's end.
    let range: ClosedRange<UInt64>

    init(_ trace: TraceData, lines: [LogRecord]) {
        var spans: [SpanRecord] = []
        var known: Set<String> = []
        for span in trace.spans where known.insert(span.spanID).inserted { spans.append(span) }
        spans.sort { ($0.startNS, $0.spanID) < ($1.startNS, $1.spanID) }
        var builder = Builder(
            byParent: Dictionary(grouping: spans) { $0.parentSpanID ?? "" },
            bySpan: Dictionary(grouping: lines.sorted { $0.momentNS < $1.momentNS }) { $0.spanID ?? "" })
        var roots = spans.filter { $0.parentSpanID.map { !known.contains($0) } ?? true }
            .map { builder.node($0, lacksParent: $0.parentSpanID != nil) }
        // Spans that are each other's parents hang from no root; the earliest of them stands for one.
        for span in spans where !builder.taken.contains(span.spanID) {
            roots.append(builder.node(span, lacksParent: true))
        }
        self.roots = roots
        strayLines = lines.filter { !known.contains($0.spanID ?? "") }.sorted { $0.momentNS < $1.momentNS }
        let start = spans.map(\.startNS).min() ?? 0
        range = start...max(start, spans.map(\.endNS).max() ?? 0)
    }

    private struct Builder {
        var byParent: [String: [SpanRecord]]
        var bySpan: [String: [LogRecord]]
        var taken: Set<String> = []

        mutating func node(_ span: SpanRecord, lacksParent: Bool) -> Node {
            taken.insert(span.spanID)
            var children: [(UInt64, Child)] = (bySpan[span.spanID] ?? []).map { ($0.moment(in: span), .line($0)) }
            for child in byParent[span.spanID] ?? [] where !taken.contains(child.spanID) {
                children.append((child.startNS, .node(node(child, lacksParent: false))))
            }
            // A stable order: a line written in the same millisecond as a call is shown before it.
            let ordered = children.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
            return Node(span: span, lacksParent: lacksParent, children: ordered.map(\.element.1))
        }
    }
}

extension LogRecord {
    /// When the line was written: by its own account, which every backend keeps, else by the store's.
    var momentNS: UInt64 { ownTimestampNS ?? timestampNS }

    /// When the line was written, given its span: lines say whole milliseconds, cut off, so that one written at the
    /// beginning of a span may seem to come before it.
    func moment(in span: SpanRecord) -> UInt64 {
        let moment = momentNS
        return moment < span.startNS && span.startNS - moment < 1_000_000 ? span.startNS : moment
    }
}
