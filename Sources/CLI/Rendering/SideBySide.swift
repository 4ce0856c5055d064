import Terminal

/// Two blocks of lines side by side, or one below the other if the terminal is too narrow.
struct SideBySide {
    /// The minimum number of columns per block.
    static let narrowest = 70
    private static let gap = 3

    /// Renders a block for a width; `nil` if nothing may be cut.
    typealias Block = (_ width: Int?) -> [StyledText]

    let left: (title: StyledText, block: Block)
    let right: (title: StyledText, block: Block)

    /// - Parameter width: the terminal's; `nil` for a pipe, which gets one block below the other.
    func lines(width: Int?, unicode: Bool) -> [StyledText] {
        guard let width, width >= 2 * Self.narrowest + Self.gap else {
            return [left.title] + left.block(width) + ["", right.title] + right.block(width)
        }
        let column = (width - Self.gap) / 2
        let lefts = [left.title] + left.block(column)
        let rights = [right.title] + right.block(column)
        let rule = StyledText(unicode ? " │ " : " | ", .dim)
        return (0..<max(lefts.count, rights.count)).map { index in
            let first = index < lefts.count ? lefts[index].truncated(to: column) : ""
            return first.padded(to: column) + rule + (index < rights.count ? rights[index].truncated(to: column) : "")
        }
    }
}
