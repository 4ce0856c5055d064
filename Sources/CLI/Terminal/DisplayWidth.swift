/// How many columns text takes on a terminal.
package enum DisplayWidth {
    package static func of(_ text: String) -> Int {
        // Printable ASCII, by far the most common text, is as wide as it is long.
        var isPlain = true
        for byte in text.utf8 where byte < 0x20 || byte > 0x7E { isPlain = false }
        return isPlain ? text.utf8.count : text.reduce(0) { $0 + of($1) }
    }

    /// 2 for East Asian wide characters and emoji; 0 for control characters and isolated combining marks; otherwise 1.
    package static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) { return 0 }
        if scalar.value < 0x0300 { return scalar.value == 0xAD ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        if scalar.value < 0x1100 { return 1 }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
    ]
}
