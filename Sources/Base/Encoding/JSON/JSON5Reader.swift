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

    var place: TextPlace { TextPlace(line: line, column: index - lineStart + 1) }
    var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
    var next: Unicode.Scalar? { index + 1 < scalars.count ? scalars[index + 1] : nil }

    func error(_ message: String, at place: TextPlace? = nil) -> JSON5Error {
        JSON5Error(message: message, place: place ?? self.place)
    }

    mutating func advance() {
        let scalar = scalars[index]
        index += 1
        // CR LF is one line's end.
        if Self.endsLine(scalar), scalar != "\r" || current != "\n" {
            line += 1
            lineStart = index
        }
    }

    static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
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

    static func beginsName(_ scalar: Unicode.Scalar) -> Bool {
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
}
