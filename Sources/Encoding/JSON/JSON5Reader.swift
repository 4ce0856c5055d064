/// A recursive-descent reader over Unicode scalars, which the specification speaks of.
struct JSON5Reader {
    private let scalars: [Unicode.Scalar]
    private let maximumDepth: Int
    private var index = 0
    private var depth = 0
    private var line = 1
    private var lineStart = 0

    init(_ text: String, maximumDepth: Int) {
        scalars = Array(text.unicodeScalars)
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(JSON5Error) -> JSON5Value {
        let value = try value()
        try skipSpace()
        guard current == nil else { throw error("something follows the value") }
        return value
    }

    // MARK: Where it stands

    private var place: TextPlace { TextPlace(line: line, column: index - lineStart + 1) }
    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
    private var next: Unicode.Scalar? { index + 1 < scalars.count ? scalars[index + 1] : nil }

    private func error(_ message: String, at place: TextPlace? = nil) -> JSON5Error {
        JSON5Error(message: message, place: place ?? self.place)
    }

    private mutating func advance() {
        let scalar = scalars[index]
        index += 1
        // CR LF is one line's end.
        if Self.endsLine(scalar), scalar != "\r" || current != "\n" {
            line += 1
            lineStart = index
        }
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\u{B}", "\u{C}", " ", "\u{A0}", "\u{FEFF}": true
        default: endsLine(scalar) || scalar.properties.generalCategory == .spaceSeparator
        }
    }

    private mutating func skipSpace() throws(JSON5Error) {
        while let scalar = current {
            if Self.isSpace(scalar) {
                advance()
            } else if scalar == "/", next == "/" {
                while let scalar = current, !Self.endsLine(scalar) { advance() }
            } else if scalar == "/", next == "*" {
                let start = place
                advance()
                advance()
                while current != "*" || next != "/" {
                    guard current != nil else { throw error("the comment does not end", at: start) }
                    advance()
                }
                advance()
                advance()
            } else {
                return
            }
        }
    }

    // MARK: Values

    private mutating func value() throws(JSON5Error) -> JSON5Value {
        try skipSpace()
        let start = place
        guard let scalar = current else { throw error("the text ends where a value was expected") }
        switch scalar {
        case "{": return JSON5Value(.object(try members()), start)
        case "[": return JSON5Value(.array(try elements()), start)
        case "\"", "'": return JSON5Value(.string(try string()), start)
        case "0"..."9", "+", "-", ".": return JSON5Value(try number(), start)
        default: break
        }
        guard Self.beginsName(scalar) else { throw error("expected a value instead of '\(scalar)'") }
        switch try name() {
        case "true": return JSON5Value(.bool(true), start)
        case "false": return JSON5Value(.bool(false), start)
        case "null": return JSON5Value(.null, start)
        case "Infinity", "NaN": throw error("expected a finite number", at: start)
        case let word: throw error("expected a value: a text such as '\(word)' needs quotes", at: start)
        }
    }

    private mutating func enter() throws(JSON5Error) {
        depth += 1
        guard depth <= maximumDepth else { throw error("nested deeper than \(maximumDepth)") }
        advance()
    }

    private mutating func members() throws(JSON5Error) -> [JSON5Value.Member] {
        let start = place
        try enter()
        var members: [JSON5Value.Member] = []
        while true {
            try skipSpace()
            if current == "}" { break }
            let place = place
            let name = try memberName(of: start)
            guard !members.contains(where: { $0.name == name }) else {
                throw error("'\(name)' is given twice", at: place)
            }
            try skipSpace()
            guard current == ":" else { throw error("expected ':' after '\(name)'") }
            advance()
            members.append(JSON5Value.Member(name: name, place: place, value: try value()))
            try skipSpace()
            guard let scalar = current else { throw error("the object does not end", at: start) }
            if scalar == "}" { break }
            guard scalar == "," else { throw error("expected ',' or '}'") }
            advance()
        }
        advance()
        depth -= 1
        return members
    }

    private mutating func memberName(of start: TextPlace) throws(JSON5Error) -> String {
        guard let scalar = current else { throw error("the object does not end", at: start) }
        if scalar == "\"" || scalar == "'" { return try string() }
        guard Self.beginsName(scalar) else { throw error("expected a member's name instead of '\(scalar)'") }
        return try name()
    }

    private mutating func elements() throws(JSON5Error) -> [JSON5Value] {
        let start = place
        try enter()
        var elements: [JSON5Value] = []
        while true {
            try skipSpace()
            if current == "]" { break }
            elements.append(try value())
            try skipSpace()
            guard let scalar = current else { throw error("the array does not end", at: start) }
            if scalar == "]" { break }
            guard scalar == "," else { throw error("expected ',' or ']'") }
            advance()
        }
        advance()
        depth -= 1
        return elements
    }

    // MARK: Names

    private static func beginsName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "$" || scalar == "_" || scalar == "\\" || scalar.properties.isIDStart
    }

    private mutating func name() throws(JSON5Error) -> String {
        var name = ""
        while let scalar = current {
            if scalar == "\\" {
                advance()
                guard current == "u" else { throw error("expected \\u and four hex digits in a name") }
                advance()
                name.unicodeScalars.append(try escapedScalar())
            } else if scalar == "$" || scalar == "_" || scalar == "\u{200C}" || scalar == "\u{200D}"
                || scalar.properties.isIDContinue
            {
                name.unicodeScalars.append(scalar)
                advance()
            } else {
                break
            }
        }
        return name
    }

    // MARK: Strings

    private mutating func string() throws(JSON5Error) -> String {
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
    private mutating func escapedScalar() throws(JSON5Error) -> Unicode.Scalar {
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

    private static func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 48
        case "a"..."f": scalar.value - 87
        case "A"..."F": scalar.value - 55
        default: nil
        }
    }

    // MARK: Numbers

    private mutating func number() throws(JSON5Error) -> JSON5Value.Content {
        let start = place
        var isNegative = false
        if current == "+" || current == "-" {
            isNegative = current == "-"
            advance()
        }
        if let scalar = current, Self.beginsName(scalar) { throw error("expected a finite number", at: start) }
        if current == "0", next == "x" || next == "X" { return try hexadecimal(isNegative, start) }
        var digits = ""
        var isWhole = true
        let whole = takeDigits()
        guard whole.count < 2 || !whole.hasPrefix("0") else { throw error("a number may not start with 0", at: start) }
        digits += whole.isEmpty ? "0" : whole
        if current == "." {
            isWhole = false
            advance()
            let fraction = takeDigits()
            guard !whole.isEmpty || !fraction.isEmpty else { throw error("expected a number", at: start) }
            digits += "." + (fraction.isEmpty ? "0" : fraction)
        } else if whole.isEmpty {
            throw error("expected a number", at: start)
        }
        if current == "e" || current == "E" {
            isWhole = false
            advance()
            digits += "e"
            if let sign = current, sign == "+" || sign == "-" {
                digits.unicodeScalars.append(sign)
                advance()
            }
            let exponent = takeDigits()
            guard !exponent.isEmpty else { throw error("expected a digit") }
            digits += exponent
        }
        if let scalar = current, Self.beginsName(scalar) {
            throw error("expected the number to end before '\(scalar)'")
        }
        if isWhole, let integer = Int64((isNegative ? "-" : "") + digits) { return .integer(integer) }
        guard let double = Double(digits), double.isFinite else { throw error("the number is out of range", at: start) }
        return .double(isNegative ? -double : double)
    }

    private mutating func hexadecimal(_ isNegative: Bool, _ start: TextPlace) throws(JSON5Error) -> JSON5Value.Content {
        advance()
        advance()
        var digits = isNegative ? "-" : ""
        while let scalar = current, Self.hexValue(scalar) != nil {
            digits.unicodeScalars.append(scalar)
            advance()
        }
        guard digits.last?.isHexDigit == true else { throw error("expected a hex digit") }
        guard let integer = Int64(digits, radix: 16) else { throw error("the number is out of range", at: start) }
        return .integer(integer)
    }

    private mutating func takeDigits() -> String {
        var digits = ""
        while let scalar = current, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            advance()
        }
        return digits
    }
}
