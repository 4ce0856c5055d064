import Encoding
import PocketStore
import TraceContext
import TraceQL

/// A trace as a waterfall: every span at its time, with its log lines.
struct TracePage {
    private let id: TraceID
    private let facts: TraceFacts
    private let rows: [Row]
    private let lines: [ConsoleLogLine]
    /// Why there are no log lines, if they could not be read.
    private let problem: String?

    private struct Row {
        var span: StoredSpan
        var depth: Int
        var lines: [ConsoleLogLine]
        var hex: String { Hex.string(span.columns.spanID) }
    }

    /// Spans beyond this number are counted, not drawn; so are those beyond a number of bytes.
    private static let maximumRows = 2000
    private static let maximumBytes = 8 << 20

    init(_ trace: StoredTrace, lines: [ConsoleLogLine], problem: String?) {
        id = trace.id
        facts = TraceFacts(trace.spans)
        self.lines = lines
        self.problem = problem
        let bySpan = Dictionary(grouping: lines, by: { $0.spanID?.value ?? 0 })
        rows = Self.inTreeOrder(trace.spans).map { span, depth in
            Row(span: span, depth: depth, lines: bySpan[span.columns.spanID] ?? [])
        }
    }

    /// Parents before their children, siblings by time; spans whose parent is missing count as roots.
    private static func inTreeOrder(_ spans: [StoredSpan]) -> [(span: StoredSpan, depth: Int)] {
        let sorted = spans.enumerated().sorted {
            ($0.element.columns.start, $0.offset) < ($1.element.columns.start, $1.offset)
        }.map(\.element)
        let known = Set(sorted.map(\.columns.spanID))
        var children: [UInt64: [Int]] = [:]
        var pending: [(index: Int, depth: Int)] = []
        for (index, span) in sorted.enumerated() {
            let parent = span.columns.parentID
            if parent == 0 || parent == span.columns.spanID || !known.contains(parent) {
                pending.append((index, 0))
            } else {
                children[parent, default: []].append(index)
            }
        }
        pending.reverse()
        var result: [(span: StoredSpan, depth: Int)] = []
        while let (index, depth) = pending.popLast() {
            result.append((sorted[index], depth))
            let below = children.removeValue(forKey: sorted[index].columns.spanID) ?? []
            for child in below.reversed() { pending.append((child, depth + 1)) }
        }
        // Spans in a cycle of parents are not reachable from any root.
        for index in children.values.flatMap({ $0 }).sorted() { result.append((sorted[index], 0)) }
        return result
    }

    var page: ConsolePage {
        let title = facts.entry.name.isEmpty ? "Trace \(id.description.prefix(8))" : facts.entry.name
        return ConsolePage(title: title, section: "", content: heading + waterfall + log)
    }

    // MARK: Parts

    private var heading: HTML {
        let errors = rows.count { $0.span.columns.status == .error }
        let services = Set(rows.map(\.span.context.service)).sorted()
        let others: HTML = services.count > 100 ? "… and \(services.count - 100) more" : .empty
        let missing: HTML =
            facts.rootName.isEmpty
            ? ConsoleParts.empty("The span of this trace’s caller has not been received.") : .empty
        return """
            <h1>\(ConsoleLogRows.service(facts.entry.service)) \(facts.entry.name)</h1>
            \(missing)
            <dl class="facts">
            <div><dt>Trace</dt><dd><code>\(id.description)</code></dd></div>
            <div><dt>Started</dt><dd><time>\(RFC3339.string(nanosecondsSinceEpoch: facts.start))</time></dd></div>
            <div><dt>Duration</dt><dd>\(ConsoleParts.duration(facts.duration))</dd></div>
            <div><dt>Spans</dt><dd>\(rows.count)</dd></div>
            <div><dt>Errors</dt><dd>\(errors)</dd></div>
            <div><dt>Log lines</dt><dd><a href="#log">\(lines.count)</a></dd></div>
            <div><dt>Services</dt><dd>\(services.prefix(100).map { ConsoleLogRows.service($0) + " " })\(others)</dd></div>
            </dl>
            """
    }

    private var waterfall: HTML {
        var (drawn, size) = ([HTML](), 0)
        for row in rows.prefix(Self.maximumRows) where size < Self.maximumBytes {
            drawn.append(self.row(row))
            size += drawn[drawn.count - 1].text.utf8.count
        }
        let hidden: HTML =
            rows.count > drawn.count
            ? ConsoleParts.empty("… and \(rows.count - drawn.count) more spans, which are not drawn.") : .empty
        return """
            <h2>Spans</h2>
            <p class="legend">A bar is a span; a mark on it is a log line. Open a span for its attributes and lines.</p>
            <ol class="waterfall">\(drawn)</ol>
            \(hidden)
            """
    }

    private func row(_ row: Row) -> HTML {
        let columns = row.span.columns
        let failed: HTML = columns.status == .error ? " <span class=\"badge\">error</span>" : ""
        let ending = row.span.ending
        let odd: HTML =
            switch ending {
            case .regular: .empty
            case .missing: " <span class=\"badge\">unfinished</span>"
            case .beforeStart: " <span class=\"badge\">ends before it starts</span>"
            }
        let logs: HTML =
            row.lines.isEmpty
            ? .empty : " <small>\(row.lines.count) log \(row.lines.count == 1 ? "line" : "lines")</small>"
        return """
            <li id="span-\(row.hex)" class="\(columns.status == .error ? "error" : "")">
            <details><summary>
            <span class="name d\(min(row.depth, 12))">\(ConsoleLogRows.service(row.span.context.service))
            <span>\(columns.name)</span>\(failed)\(odd)\(logs)</span>
            \(bar(row))
            <span class="number">\(ending == .regular ? ConsoleParts.duration(columns.duration) : "–")</span>
            </summary>
            \(SpanDetails(row.span, lines: row.lines, traceStart: facts.start).html)
            </details></li>
            """
    }

    /// The position and width of the span in thousandths of the trace.
    private func bar(_ row: Row) -> HTML {
        let columns = row.span.columns
        let left = position(columns.start)
        let width = max(3, position(columns.end) - left)
        let marks = row.lines.map { line -> HTML in
            let severity = ConsoleLogRows.severity(line.level)
            return """
                <rect class="mark \(severity)" x="\(min(997, position(line.time)))" y="0" width="3" height="16">\
                <title>\(line.level) \(line.message)</title></rect>
                """
        }
        let offset = ConsoleParts.duration(columns.start - facts.start)
        return """
            <svg class="bar \(ConsoleParts.colour(of: row.span.context.service))" viewBox="0 0 1000 16"
            preserveAspectRatio="none" role="img"
            aria-label="starts after \(offset), takes \(ConsoleParts.duration(columns.duration))">
            <rect x="\(min(left, 997))" y="3" width="\(width)" height="10"/>\(marks)</svg>
            """
    }

    private func position(_ time: UInt64) -> UInt64 {
        let offset = time > facts.start ? min(time - facts.start, facts.duration) : 0
        return UInt64(Double(offset) / Double(max(facts.duration, 1)) * 1000)
    }

    private var log: HTML {
        let content: HTML
        if let problem {
            content = ConsoleParts.problem("The log lines could not be read: \(problem)")
        } else if lines.isEmpty {
            content = ConsoleParts.empty("No log line carries this trace's id.")
        } else {
            content = """
                <div class="scroll"><table class="logs"><thead><tr><th scope="col" class="number">After</th>
                <th scope="col">Level</th><th scope="col">Service</th><th scope="col">Message</th>
                <th scope="col">Span</th></tr></thead><tbody>\(lines.map(logRow))</tbody></table></div>
                """
        }
        let query = PercentEncoding.encode(ConsoleLogs.query(of: id))
        return """
            <h2 id="log">Log lines</h2>
            <p class="legend"><a href="/logs?query=\(query)&amp;limit=1000">The same in the log</a></p>
            \(content)
            """
    }

    private func logRow(_ line: ConsoleLogLine) -> HTML {
        let span: HTML =
            line.spanID.map { "<a href=\"#span-\($0.description)\"><code>\($0.description)</code></a>" } ?? ""
        return """
            <tr class="\(ConsoleLogRows.severity(line.level))">
            <td class="number">\(Self.offset(of: line.time, from: facts.start))</td>
            <td>\(line.level)</td><td>\(ConsoleLogRows.service(line.service))</td>
            \(ConsoleLogRows.message(line))<td>\(span)</td></tr>
            """
    }

    static func offset(of time: UInt64, from start: UInt64) -> String {
        time < start ? "−" + ConsoleParts.duration(start - time) : ConsoleParts.duration(time - start)
    }
}
