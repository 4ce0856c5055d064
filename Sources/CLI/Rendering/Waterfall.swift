import Encoding
import Terminal
import Verification

/// A trace as a waterfall: the tree of its spans on the left, bars for their times in the middle, durations and
/// outcomes on the right. Log lines follow their span, with a mark at their time.
struct Waterfall {
    private let trace: TraceData
    private let lineCount: Int
    private let tree: SpanTree
    private let style: LogLineStyle

    init(_ trace: TraceData, lines: [LogRecord], style: LogLineStyle = .usual) {
        self.trace = trace
        self.style = style
        lineCount = lines.count
        tree = SpanTree(trace, lines: lines)
    }

    /// Narrower terminals get no bars.
    static let wideEnoughForBars = 70

    /// How the columns share the width; without a width nothing is cut.
    private struct Columns {
        var label: Int
        var bar: Int
        var time: Int
        var total: Int?

        /// On narrower terminals a line's text replaces its mark: the text matters more than the position in time.
        static let wideEnoughForMarks = 100

        /// The width of a line's text where it replaces the mark; `nil` where it does not.
        var text: Int? { total.flatMap { bar > 0 && $0 < Self.wideEnoughForMarks ? $0 - time - 2 : nil } }
    }

    /// The lines to show on a terminal, or in a pipe.
    func render(on terminal: Terminal) -> [StyledText] {
        render(width: terminal.isInteractive ? terminal.width : nil, unicode: terminal.showsUnicode)
    }

    /// The lines to show. `width` is the terminal's; `nil` if nothing may be cut.
    func render(width: Int?, unicode: Bool = true, hasHeader: Bool = true) -> [StyledText] {
        let rows = WaterfallRows(tree, services: trace.services, style, width: width, unicode: unicode).rows
        let columns = columns(rows, width)
        let scale = WaterfallScale(tree.range, width: columns.bar, unicode: unicode)
        var result = hasHeader ? header(width) + [""] : []
        for row in rows { result += layOut(row, columns, scale) }
        if !tree.strayLines.isEmpty {
            result += ["", StyledText("log lines of this trace without a span of it", .color(.yellow))]
            result += tree.strayLines.map { line in
                let text = "  " + style.render(line)
                return width.map { text.truncated(to: $0) } ?? text
            }
        }
        return result
    }

    // MARK: Layout

    private func columns(_ rows: [WaterfallRow], _ width: Int?) -> Columns {
        var (label, line, time) = (0, 0, 0)
        for row in rows {
            if row.isLine { line = max(line, row.label.width) } else { label = max(label, row.label.width) }
            time = max(time, row.time.width)
        }
        guard let width else {
            // Bars must be aligned: a label wider than its column gets its own row.
            return Columns(label: min(max(label, min(line, 72)), 160), bar: 40, time: time, total: nil)
        }
        // A narrow terminal shows no bars.
        guard width >= Self.wideEnoughForBars else {
            return Columns(label: max(10, min(max(label, line), width - time - 2)), bar: 0, time: time, total: width)
        }
        let share = min(max(label, min(line, width * 2 / 5)), width / 2)
        let rest = width - share - time - 4
        let bar = width < Columns.wideEnoughForMarks ? 12 : max(12, rest * 2 / 3)
        return Columns(label: share, bar: bar, time: time, total: width)
    }

    private func layOut(_ row: WaterfallRow, _ columns: Columns, _ scale: WaterfallScale) -> [StyledText] {
        if row.isLine, let width = columns.text {
            let text = row.detail.isEmpty ? row.label : row.label + "  " + row.detail
            return [
                text.truncated(to: width).padded(to: width) + "  " + row.time.padded(to: columns.time, onLeft: true)
            ]
        }
        var lines: [StyledText] = []
        var label = row.label
        if columns.total != nil {
            label = label.truncated(to: columns.label)
        } else if label.width > columns.label {
            lines.append(label)
            label = ""
        }
        var text = label.padded(to: columns.label)
        if columns.bar > 0 {
            text.append("  ")
            text += row.isLine ? scale.mark(row.start, row.bar) : scale.bar(row.start, row.end, row.bar)
        }
        text.append("  ")
        text += row.time.padded(to: columns.time, onLeft: true)
        if let total = columns.total {
            // A detail cut to a few characters is useless.
            if !row.detail.isEmpty, total - text.width >= 8 { text += "  " + row.detail }
            text = text.truncated(to: total)
        } else if !row.detail.isEmpty {
            text += "  " + row.detail
        }
        return lines + [text]
    }

    // MARK: Header

    private func header(_ width: Int?) -> [StyledText] {
        let errors = tree.nodes.count { $0.span.statusError }
        let length = Duration.nanoseconds(Int64(clamping: tree.range.upperBound - tree.range.lowerBound))
        var facts = [
            count(trace.services.count, "service"), count(tree.nodes.count, "span"), count(lineCount, "log line"),
        ]
        if tree.duplicates > 0 { facts.append("\(tree.duplicates) sent twice") }
        var summary = StyledText(facts.joined(separator: ", ") + ", ")
        summary.append(errors == 0 ? "no errors" : count(errors, "error"), errors == 0 ? .plain : .color(.red))
        let began = RFC3339.string(nanosecondsSinceEpoch: tree.range.lowerBound)
        return [
            StyledText("trace \(trace.traceID)", .bold), summary, StyledText("\(length.short) from \(began)"),
        ].map { line in width.map { line.truncated(to: $0) } ?? line }
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
