/// Texts in quotes, and the escapes that names know, too.
extension JSON5Reader {
    mutating func string() throws(JSON5Error) -> String {
        let start = place
        let quote = current
        advance()
        var text = String.UnicodeScalarView()
        while let scalar = current {
            if scalar == quote {
                advance()
                return String(text)
            }
            if scalar == "\n" || scalar == "\r" {
                throw error("a text ends on its line: expected the closing quote, or '\\' before the line's end")
            }
            advance()
            if scalar == "\\" {
                if let escaped = try escape() { text.append(escaped) }
            } else {
                text.append(scalar)
            }
        }
        throw error("the text does not end", at: start)
    }

    /// `nil` for a line that goes on.
    private mutating func escape() throws(JSON5Error) -> Unicode.Scalar? {
        guard let scalar = current else { throw error("the text does not end") }
        advance()
        switch scalar {
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return Unicode.Scalar(UInt8(truncatingIfNeeded: try hexDigits(2)))
        case "u": return try escapedScalar()
        case "0" where !("0"..."9").contains(current ?? " "): return "\0"
        case "0"..."9": throw error("unknown escape '\\\(scalar)'")
        case "\r":
            if current == "\n" { advance() }
            return nil
        default: return Self.endsLine(scalar) ? nil : scalar
        }
    }

    /// What follows `\u`.
    mutating func escapedScalar() throws(JSON5Error) -> Unicode.Scalar {
        var code = try hexDigits(4)
        if (0xD800..<0xDC00).contains(code), current == "\\", next == "u" {
            advance()
            advance()
            let low = try hexDigits(4)
            guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
        return scalar
    }

    private mutating func hexDigits(_ count: Int) throws(JSON5Error) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<count {
            guard let digit = current.flatMap(Self.hexValue) else { throw error("expected \(count) hex digits") }
            code = code << 4 | digit
            advance()
        }
        return code
    }

    static func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 48
        case "a"..."f": scalar.value - 87
        case "A"..."F": scalar.value - 55
        default: nil
        }
    }
}
