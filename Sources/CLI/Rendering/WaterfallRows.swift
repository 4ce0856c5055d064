import Terminal
import Verification
import Vocabulary

/// A row of a waterfall before layout.
struct WaterfallRow {
    /// `gateway   POST /v1/tasks`
    var label: StyledText
    /// Nanoseconds since the Unix epoch; equal to `end` for a line.
    var start: UInt64
    var end: UInt64
    /// `84.2 ms` or `+7.1 ms`
    var time: StyledText
    var detail: StyledText
    var isLine: Bool
    var bar: Style
}

/// The rows of a tree of spans, depth first.
struct WaterfallRows {
    private(set) var rows: [WaterfallRow] = []

    private let tree: SpanTree
    private let style: LogLineStyle
    private let glyphs: Glyphs
    private let serviceWidth: Int
    private let cutsServices: Bool
    /// The maximum number of indented levels; deeper spans share the last level and show their depth.
    private let levels: Int

    private struct Glyphs {
        var branch: String
        var last: String
        var trunk: String
        /// Precedes the name of a failed span: red alone is lost without colours, or on people who cannot see them.
        var failure: String

        static let unicode = Glyphs(branch: "├ ", last: "└ ", trunk: "│ ", failure: "✗ ")
        static let ascii = Glyphs(branch: "|-", last: "`-", trunk: "| ", failure: "x ")
    }

    /// A span whose children are being added.
    private struct Frame {
        var place: Int
        var depth: Int
        /// The prefix of its children's rows.
        var below: String
        var next = 0
        /// The index of the last child that is a span; -1 for none.
        var lastSpan: Int
    }

    /// - Parameter width: the terminal's; `nil` if nothing may be cut.
    init(_ tree: SpanTree, services: [String], _ style: LogLineStyle, width: Int?, unicode: Bool) {
        self.tree = tree
        self.style = style
        glyphs = unicode ? .unicode : .ascii
        let widest = services.map { StyledText($0).width }.max() ?? 0
        let serviceWidth = min(max(8, widest), width.map { max(8, $0 / 5) } ?? 40)
        self.serviceWidth = serviceWidth
        cutsServices = width != nil
        // The tree and the names share half of the width or, without bars, most of it, and the names keep a minimum of
        // room.
        let share = width.map { $0 < Waterfall.wideEnoughForBars ? $0 - 12 : $0 / 2 }
        levels = share.map { max(3, ($0 - serviceWidth - 18) / 2) } ?? 32
        rows.reserveCapacity(tree.nodes.count)
        for root in tree.roots { add(root) }
    }

    /// Adds a root and its descendants. Iterative, because a trace may be deeper than the stack allows.
    private mutating func add(_ root: Int) {
        rows.append(row(root, prefix: "", depth: 0))
        var frames = [frame(root, depth: 0, below: "")]
        while var frame = frames.popLast() {
            let node = tree.nodes[frame.place]
            guard frame.next < node.children.count else { continue }
            let index = frame.next
            frame.next += 1
            let depth = frame.depth + 1
            switch node.children[index] {
            case .line(let line, let moment):
                rows.append(row(line, at: moment, prefix: frame.below + (index < frame.lastSpan ? glyphs.trunk : "  ")))
                frames.append(frame)
            case .span(let place):
                let isLast = index == frame.lastSpan
                rows.append(row(place, prefix: frame.below + (isLast ? glyphs.last : glyphs.branch), depth: depth))
                let below = depth < levels ? frame.below + (isLast ? "  " : glyphs.trunk) : frame.below
                frames.append(frame)
                frames.append(self.frame(place, depth: depth, below: below))
            }
        }
    }

    private func frame(_ place: Int, depth: Int, below: String) -> Frame {
        let lastSpan = tree.nodes[place].children.lastIndex { if case .span = $0 { true } else { false } }
        return Frame(place: place, depth: depth, below: below, lastSpan: lastSpan ?? -1)
    }

    // MARK: Spans

    private func row(_ place: Int, prefix: String, depth: Int) -> WaterfallRow {
        let node = tree.nodes[place]
        let span = node.span
        var label = StyledText(span.service, style.service(span.service))
        if cutsServices { label = label.truncated(to: serviceWidth) }
        label = label.padded(to: serviceWidth)
        label.append("  ")
        label.append(prefix, .dim)
        if depth > levels { label.append("+\(depth - levels) ", .dim) }
        if span.statusError { label.append(glyphs.failure, .color(.red).bold) }
        label.append(span.name, span.statusError ? .color(.red) : .plain)
        switch node.standing {
        case .orphan where tree.roots.count > 1: label.append(" (parent missing)", .color(.yellow))
        case .cycle: label.append(" (its own ancestor)", .color(.yellow))
        default: break
        }
        let start = span.startNS == 0 ? span.endNS : span.startNS
        return WaterfallRow(
            label: label, start: start, end: max(start, span.endNS), time: time(of: span), detail: detail(of: span),
            isLine: false, bar: span.statusError ? .color(.red) : style.service(span.service))
    }

    private func time(of span: SpanRecord) -> StyledText {
        if span.startNS == 0 || span.endNS == 0 { return StyledText("-", .color(.yellow)) }
        guard span.endNS >= span.startNS else {
            let length = Duration.nanoseconds(Int64(clamping: span.startNS - span.endNS)).short
            return StyledText("-" + length, .color(.yellow))
        }
        return StyledText(Duration.nanoseconds(Int64(clamping: span.durationNS)).short)
    }

    /// A short outcome of a span, and its distinguishing attributes.
    private func detail(of span: SpanRecord) -> StyledText {
        var text = StyledText()
        func add(_ part: String, _ style: Style) {
            if !text.isEmpty { text.append(" ") }
            text.append(part, style)
        }
        if let oddity = Self.oddity(of: span) { add(oddity, .color(.yellow)) }
        var reason = ""
        if span.statusError {
            reason = span.statusMessage
            if reason.isEmpty { reason = span.attribute(Attribute.errorType) ?? "" }
            if reason.isEmpty { reason = "error" }
            add(reason, .color(.red))
        }
        // The reason may repeat the status: 503, or 402 Payment Required.
        if let status = span.httpStatus,
            !reason.split(whereSeparator: { !$0.isNumber }).contains(Substring(status))
        {
            add(status, span.statusError ? .color(.red) : .plain)
        }
        for attribute in span.attributes {
            guard let name = Self.shownAttributes[attribute.name] else { continue }
            add(name.isEmpty ? attribute.value : "\(name)=\(attribute.value)", .dim)
        }
        return text
    }

    /// What is wrong with the times of a span.
    private static func oddity(of span: SpanRecord) -> String? {
        switch (span.startNS, span.endNS) {
        case (0, 0): "without times"
        case (0, _): "without a start"
        case (_, 0): "unfinished"
        case (let start, let end) where end < start: "ends before it starts"
        default: nil
        }
    }

    /// The attributes shown in a row, with their short names.
    private static let shownAttributes: [String: String] = [
        Attribute.taskID: "task", Attribute.guildID: "guild", Attribute.amount: "amount",
        Attribute.workloadKind: "workload", Attribute.workloadSize: "size", Attribute.taskState: "state",
        Attribute.databaseSystem: "", Attribute.messagingSystem: "", Attribute.faultID: "fault",
        Attribute.httpResendCount: "resend",
    ]

    // MARK: Lines

    private func row(_ line: LogRecord, at moment: UInt64, prefix: String) -> WaterfallRow {
        var label = StyledText(String(repeating: " ", count: serviceWidth + 2))
        label.append(prefix, .dim)
        label += style.levelName(line.level)
        label.append(" ")
        label += style.message(line)
        let start = tree.range.lowerBound
        let distance = moment < start ? start - moment : moment - start
        let offset = (moment < start ? "-" : "+") + Duration.nanoseconds(Int64(clamping: distance)).short
        return WaterfallRow(
            label: label, start: moment, end: moment, time: StyledText(offset, .dim),
            detail: style.fields(line).joined(.dim), isLine: true, bar: style.level(line.level ?? ""))
    }
}
