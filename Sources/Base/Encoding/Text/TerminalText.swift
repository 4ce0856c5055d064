/// Finds and replaces text that must not reach a terminal.
///
/// Names and messages come from telemetry senders. Control characters (C0, DEL, C1) would control the terminal, line
/// separators would break the layout, and directional controls (Unicode Annex 9) would make one text look like another.
package enum TerminalText {
    /// Whether a terminal might interpret `scalar` instead of showing it.
    package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x2028, 0x2029: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Whether `text` contains any such character.
    package static func holdsControls(_ text: String) -> Bool {
        var isPlain = true
        for byte in text.utf8 where byte < 0x20 || byte > 0x7E { isPlain = false }
        return !isPlain && text.unicodeScalars.contains(where: isControl)
    }

    /// `text` on one line: a line end becomes `\n` or `\r` in escaped form, a tab becomes a space, any other control
    /// U+FFFD.
    package static func cleaned(_ text: String) -> String {
        guard holdsControls(text) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += " "
            case _ where isControl(scalar): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same JSON with control characters in its strings escaped. The meaning is unchanged, but a terminal ignores
    /// them.
    package static func escaped(json: String) -> String {
        guard holdsControls(json) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            // Line ends and tabs occur between JSON tokens; within strings they are already escaped.
            if isControl(scalar), scalar.value >= 0x20 {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
