/// The style of text on a terminal with colours.
package struct Style: Sendable, Hashable {
    /// Colours of medium lightness from the fixed part of the 256-colour palette: legible on a black and on a white
    /// background. The sixteen colours that themes define are not: most yellows are lost on white, and most blues on
    /// black.
    package enum Color: UInt8, Sendable, CaseIterable {
        case red = 196
        case green = 28
        case yellow = 130
        case blue = 27
        case magenta = 164
        case cyan = 30
        case brightGreen = 64
        case brightYellow = 100
        case brightBlue = 99
        case brightMagenta = 133
        case brightCyan = 31
    }

    package var isBold = false
    package var isDim = false
    package var foreground: Color?

    package static let plain = Style()
    package static let bold = Style(isBold: true)
    package static let dim = Style(isDim: true)
    package static func color(_ color: Color) -> Style { Style(foreground: color) }

    package var bold: Style {
        var style = self
        style.isBold = true
        return style
    }

    /// `text` between the escape sequences (ECMA-48, SGR) of the style.
    package func apply(to text: String) -> String {
        guard self != .plain, !text.isEmpty else { return text }
        var codes: [String] = []
        if isBold { codes.append("1") }
        if isDim { codes.append("2") }
        if let foreground { codes.append("38;5;\(foreground.rawValue)") }
        return "\u{1B}[\(codes.joined(separator: ";"))m\(text)\u{1B}[0m"
    }
}

/// One colour per name, the same in every command and on every run.
package struct NamePalette: Sendable {
    /// Red is missing: it marks failures.
    private static let colors: [Style.Color] = [
        .cyan, .yellow, .green, .magenta, .blue, .brightCyan, .brightYellow, .brightGreen, .brightMagenta, .brightBlue,
    ]

    private let first: [String]

    /// `first` get the first colours in order, so they never share one; other names get one by hash.
    package init(first: [String]) { self.first = first }

    package func style(for name: String) -> Style {
        if let index = first.firstIndex(of: name) { return .color(Self.colors[index % Self.colors.count]) }
        let rest = Self.colors.dropFirst(min(first.count, Self.colors.count - 1))
        // FNV-1a: the standard library's hashes differ from run to run.
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return .color(rest[rest.startIndex + Int(hash % UInt64(rest.count))])
    }
}
