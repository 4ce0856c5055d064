import CommandLine
import Contracts
import Encoding
import Verification

/// A trace as a waterfall: the tree of its spans on the left, their time as bars in the middle, how long they took and
/// what became of them on the right; log lines stand under their span, a mark where they fall in time.
struct Waterfall {
    private let trace: TraceData
    private let lines: [LogRecord]
    private let tree: SpanTree
    private let style: LogLineStyle

    init(_ trace: TraceData, lines: [LogRecord], style: LogLineStyle = .usual) {
        self.trace = trace
        self.lines = lines
        self.style = style
        tree = SpanTree(trace, lines: lines)
    }

    /// A row before it is laid out.
    private struct Row {
        /// `gateway   POST /v1/tasks`
        var label: StyledText
        /// Nanoseconds since the Unix epoch; for a line both are the same.
        var start: UInt64
        var end: UInt64
        /// `84.2 ms` or `+7.1 ms`
        var time: StyledText
        var detail: StyledText
        var isLine: Bool
        var bar: Style
    }

    /// How the columns share the width; without a width nothing is cut.
    private struct Columns {
        var label: Int
        var bar: Int
        var time: Int
        var total: Int?
    }

    /// The lines to show on a terminal, or in a pipe.
    func render(on terminal: Terminal) -> [StyledText] {
        render(width: terminal.isInteractive ? terminal.width : nil, unicode: terminal.showsUnicode)
    }

    /// The lines to show. `width` is the terminal's, `nil` where nothing must be cut.
    func render(width: Int?, unicode: Bool = true, hasHeader: Bool = true) -> [StyledText] {
        var rows: [Row] = []
        for root in tree.roots {
            add(root, prefix: "", connector: "", showsOrphan: tree.roots.count > 1, to: &rows, unicode)
        }
        let columns = columns(rows, width)
        var result = hasHeader ? header(width) + [""] : []
        result += rows.map { layOut($0, columns, unicode) }
        if !tree.strayLines.isEmpty {
            result += ["", StyledText("log lines of this trace without a span of it", .color(.yellow))]
            result += tree.strayLines.map { line in
                let text = "  " + style.render(line)
                return width.map { text.truncated(to: $0) } ?? text
            }
        }
        return result
    }

    // MARK: Rows

    private func add(
        _ node: SpanTree.Node, prefix: String, connector: String, showsOrphan: Bool, to rows: inout [Row],
        _ unicode: Bool
    ) {
        let span = node.span
        var label = StyledText(span.service, style.service(span.service)).padded(to: serviceWidth)
        label.append("  ")
        label.append(prefix + connector, .dim)
        label.append(printable(span.name), span.statusError ? .color(.red) : .plain)
        if showsOrphan, node.lacksParent { label.append(" (parent missing)", .color(.yellow)) }
        rows.append(
            Row(
                label: label, start: span.startNS, end: max(span.startNS, span.endNS),
                time: StyledText(Duration.nanoseconds(Int64(clamping: span.durationNS)).short),
                detail: detail(of: span),
                isLine: false, bar: span.statusError ? .color(.red) : style.service(span.service)))

        let glyphs = unicode ? (branch: "├ ", last: "└ ", trunk: "│ ") : (branch: "|-", last: "`-", trunk: "| ")
        let below = prefix + (connector.isEmpty ? "" : connector == glyphs.last ? "  " : glyphs.trunk)
        let lastSpan = node.children.lastIndex { if case .node = $0 { true } else { false } }
        for (index, child) in node.children.enumerated() {
            switch child {
            case .node(let child):
                let isLast = index == lastSpan
                add(
                    child, prefix: below, connector: isLast ? glyphs.last : glyphs.branch, showsOrphan: false,
                    to: &rows,
                    unicode)
            case .line(let line):
                let trunk = lastSpan.map { index < $0 } ?? false
                rows.append(
                    row(line, at: line.moment(in: node.span), prefix: below + (trunk ? glyphs.trunk : "  "), unicode))
            }
        }
    }

    private func row(_ line: LogRecord, at known: UInt64? = nil, prefix: String, _ unicode: Bool) -> Row {
        var label = StyledText(String(repeating: " ", count: serviceWidth + 2))
        label.append(prefix, .dim)
        label += style.levelName(line.level)
        label.append(" ")
        label += style.message(line)
        let moment = known ?? line.momentNS
        let isBefore = moment < tree.range.lowerBound
        let distance = isBefore ? tree.range.lowerBound - moment : moment - tree.range.lowerBound
        let offset = (isBefore ? "-" : "+") + Duration.nanoseconds(Int64(clamping: distance)).short
        let fields = style.fields(line).map { $0.name + "=" + $0.value }.joined(separator: " ")
        return Row(
            label: label, start: moment, end: moment, time: StyledText(offset, .dim), detail: StyledText(fields, .dim),
            isLine: true, bar: style.level(line.level ?? ""))
    }

    /// What became of a span, and the attributes that tell it apart, briefly.
    private func detail(of span: SpanRecord) -> StyledText {
        var text = StyledText()
        func add(_ part: String, _ style: Style) {
            if !text.isEmpty { text.append(" ") }
            text.append(printable(part), style)
        }
        if span.statusError {
            let reason = span.attribute("error.type") ?? ""
            add(span.statusMessage.isEmpty ? (reason.isEmpty ? "error" : reason) : span.statusMessage, .color(.red))
        }
        if let status = span.attribute("http.response.status_code") {
            add(status, span.statusError ? .color(.red) : .plain)
        }
        for attribute in span.attributes {
            guard let name = Self.shownAttributes[attribute.name] else { continue }
            add(name.isEmpty ? attribute.value : "\(name)=\(attribute.value)", .dim)
        }
        return text
    }

    /// The attributes worth a place in the row, and what they are called there.
    private static let shownAttributes: [String: String] = [
        Attribute.taskID: "task", Attribute.guildID: "guild", Attribute.amount: "amount",
        Attribute.workloadKind: "workload",
        Attribute.workloadSize: "size", Attribute.taskState: "state", "db.system.name": "", "messaging.system": "",
        Attribute.faultID: "fault", "http.request.resend_count": "resend",
    ]

    private var serviceWidth: Int { max(8, trace.services.map(DisplayWidth.of).max() ?? 0) }

    // MARK: Layout

    private func columns(_ rows: [Row], _ width: Int?) -> Columns {
        let time = rows.map(\.time.width).max() ?? 0
        let label = rows.filter { !$0.isLine || width == nil }.map(\.label.width).max() ?? 0
        guard let width else { return Columns(label: min(label, 72), bar: 40, time: time, total: nil) }
        let widestLine = rows.filter(\.isLine).map(\.label.width).max() ?? 0
        // On a narrow terminal the bars go first.
        guard width >= 70 else {
            return Columns(
                label: max(10, min(max(label, widestLine), width - time - 2)), bar: 0, time: time, total: width)
        }
        let share = min(max(label, min(widestLine, width * 2 / 5)), width / 2)
        let rest = width - share - time - 4
        return Columns(label: share, bar: max(12, rest * 2 / 3), time: time, total: width)
    }

    private func layOut(_ row: Row, _ columns: Columns, _ unicode: Bool) -> StyledText {
        var text = (columns.total == nil ? row.label : row.label.truncated(to: columns.label)).padded(to: columns.label)
        if columns.bar > 0 {
            text.append("  ")
            text += bar(row, columns.bar, unicode)
        }
        text.append("  ")
        text += row.time.padded(to: columns.time, onLeft: true)
        guard let total = columns.total else { return row.detail.isEmpty ? text : text + "  " + row.detail }
        // A detail of a few characters says nothing.
        if !row.detail.isEmpty, total - text.width >= 8 { text += "  " + row.detail }
        return text.truncated(to: total)
    }

    /// A bar in eighths of a column where block characters can be shown; a mark for a moment.
    private func bar(_ row: Row, _ width: Int, _ unicode: Bool) -> StyledText {
        let span = Double(max(1, tree.range.upperBound - tree.range.lowerBound))
        func position(_ moment: UInt64) -> Double {
            let offset = Double(moment) - Double(tree.range.lowerBound)
            return max(0, min(1, offset / span)) * Double(width)
        }
        if row.isLine {
            let column = min(width - 1, Int(position(row.start)))
            return StyledText(String(repeating: " ", count: column)) + StyledText(unicode ? "◆" : "*", row.bar)
                + StyledText(String(repeating: " ", count: width - column - 1))
        }
        guard unicode else {
            let first = min(width - 1, Int(position(row.start)))
            let last = max(first + 1, min(width, Int(position(row.end).rounded(.up))))
            return StyledText(String(repeating: " ", count: first))
                + StyledText(String(repeating: "=", count: last - first), row.bar)
                + StyledText(String(repeating: " ", count: width - last))
        }
        let blocks = Array(" ▏▎▍▌▋▊▉█")
        let first = min(width - 1, Int(position(row.start)))
        let eighths = max(1, Int(((position(row.end) - Double(first)) * 8).rounded()))
        let (full, rest) = (min(eighths / 8, width - first), eighths % 8)
        var bar = String(repeating: "█", count: full)
        if rest > 0, first + full < width { bar.append(blocks[rest]) }
        let used = first + bar.count
        return StyledText(String(repeating: " ", count: first)) + StyledText(bar, row.bar)
            + StyledText(String(repeating: " ", count: width - used))
    }

    // MARK: Header

    private func header(_ width: Int?) -> [StyledText] {
        let errors = trace.spans.count { $0.statusError }
        let length = Duration.nanoseconds(Int64(clamping: tree.range.upperBound - tree.range.lowerBound))
        let facts = [
            count(trace.services.count, "service"), count(trace.spans.count, "span"), count(lines.count, "log line"),
        ]
        var summary = StyledText(facts.joined(separator: ", ") + ", ")
        summary.append(errors == 0 ? "no errors" : count(errors, "error"), errors == 0 ? .plain : .color(.red))
        let began = RFC3339.string(nanosecondsSinceEpoch: tree.range.lowerBound)
        return [
            StyledText("trace \(trace.traceID)", .bold), summary, StyledText("\(length.short) from \(began)"),
        ].map { line in width.map { line.truncated(to: $0) } ?? line }
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
