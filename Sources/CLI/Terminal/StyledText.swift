import Encoding

/// A line of text whose parts have styles. Its width is the same with and without colours.
///
/// Its text is safe to show: control sequences are replaced (``TerminalText``) when text is added.
package struct StyledText: Sendable, Hashable, ExpressibleByStringInterpolation {
    package struct Part: Sendable, Hashable {
        package let text: String
        package let style: Style

        fileprivate init(_ text: String, _ style: Style) {
            self.text = TerminalText.cleaned(text)
            self.style = style
        }
    }

    package private(set) var parts: [Part]

    package init(_ text: String = "", _ style: Style = .plain) {
        parts = text.isEmpty ? [] : [Part(text, style)]
    }

    package init(stringLiteral value: String) { self.init(value) }

    package var plain: String { parts.map(\.text).joined() }
    /// In columns.
    package var width: Int { parts.reduce(0) { $0 + DisplayWidth.of($1.text) } }
    package var isEmpty: Bool { parts.isEmpty }

    package static func + (left: StyledText, right: StyledText) -> StyledText {
        var result = left
        result.parts += right.parts
        return result
    }

    package static func += (left: inout StyledText, right: StyledText) { left.parts += right.parts }

    package mutating func append(_ text: String, _ style: Style = .plain) {
        if !text.isEmpty { parts.append(Part(text, style)) }
    }

    /// Padded with spaces on the right (or the left) to `width` columns.
    package func padded(to width: Int, onLeft: Bool = false) -> StyledText {
        let missing = width - self.width
        guard missing > 0 else { return self }
        let space = StyledText(String(repeating: " ", count: missing))
        return onLeft ? space + self : self + space
    }

    /// At most `width` columns; `…` marks what was cut off.
    package func truncated(to width: Int) -> StyledText {
        guard self.width > width else { return self }
        guard width > 0 else { return "" }
        var result = StyledText()
        var room = width - 1
        for part in parts {
            var text = ""
            for character in part.text {
                let columns = DisplayWidth.of(character)
                guard columns <= room else {
                    result.append(text + "…", part.style)
                    return result
                }
                room -= columns
                text.append(character)
            }
            result.append(text, part.style)
        }
        return result
    }

    package func rendered(colors: Bool) -> String {
        colors ? parts.map { $0.style.apply(to: $0.text) }.joined() : plain
    }
}
