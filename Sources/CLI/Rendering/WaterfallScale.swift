import Terminal

/// Maps times of a trace to positions in the column of bars.
struct WaterfallScale {
    private let range: ClosedRange<UInt64>
    private let width: Int
    private let unicode: Bool

    /// - Parameters:
    ///   - range: the time range of the column; nanoseconds since the Unix epoch.
    ///   - width: the width of the column.
    init(_ range: ClosedRange<UInt64>, width: Int, unicode: Bool) {
        self.range = range
        self.width = width
        self.unicode = unicode
    }

    /// In columns; times outside of the range map to its edges.
    private func position(_ moment: UInt64) -> Double {
        guard moment > range.lowerBound else { return 0 }
        let whole = Double(max(1, range.upperBound - range.lowerBound))
        return min(1, Double(moment - range.lowerBound) / whole) * Double(width)
    }

    /// A mark at a time.
    func mark(_ moment: UInt64, _ style: Style) -> StyledText {
        padded(before: min(width - 1, Int(position(moment))), unicode ? "◆" : "*", style)
    }

    /// A bar in eighths of a column where block characters can be shown; never empty, even if it ends before it begins.
    func bar(_ start: UInt64, _ end: UInt64, _ style: Style) -> StyledText {
        let first = min(width - 1, Int(position(start)))
        guard unicode else {
            let last = max(first + 1, min(width, Int(position(end).rounded(.up))))
            return padded(before: first, String(repeating: "=", count: last - first), style)
        }
        let eighths = max(1, Int(((position(end) - Double(first)) * 8).rounded()))
        let (full, rest) = (min(eighths / 8, width - first), eighths % 8)
        var bar = String(repeating: "█", count: full)
        if rest > 0, first + full < width { bar.append(Self.blocks[rest]) }
        return padded(before: first, bar, style)
    }

    private static let blocks = Array(" ▏▎▍▌▋▊▉█")

    private func padded(before: Int, _ text: String, _ style: Style) -> StyledText {
        StyledText(String(repeating: " ", count: before)) + StyledText(text, style)
            + StyledText(String(repeating: " ", count: max(0, width - before - text.count)))
    }
}
