import QuerySupport

/// Splits a query into tokens.
struct LogQLLexer {
    private let text: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var column = 1

    private static let keywords: Set<String> = [
        "by", "without", "bool", "offset", "on", "ignoring", "group_left", "group_right", "or", "and", "unless",
        "json", "regexp", "logfmt", "unpack", "pattern", "label_format", "line_format", "ip", "decolorize", "drop",
        "keep", "unwrap", "variants", "of", "label_replace",
    ]
    static let functions: Set<String> = [
        "rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time", "avg_over_time", "sum_over_time",
        "min_over_time", "max_over_time", "stdvar_over_time", "stddev_over_time", "quantile_over_time",
        "first_over_time", "last_over_time", "absent_over_time", "vector", "sum", "avg", "max", "min", "count",
        "stddev", "stdvar", "bottomk", "topk", "approx_topk", "sort", "sort_desc", "bytes", "duration",
        "duration_seconds", "ip", "label_replace",
    ]
    private static let maximumMeasure = 64
    /// Longest first.
    private static let operators = [
        "=~", "==", "!=", "!~", "!>", "|=", "|~", "|>", ">=", "<=", "{", "}", "(", ")", ",", ".", "=", "|", ">", "<",
        "+", "-", "*", "/", "%", "^",
    ]

    private init(_ query: String) { text = Array(query.unicodeScalars) }

    static func tokens(of query: String) throws(LogQLError) -> [LogQLToken] {
        var lexer = LogQLLexer(query)
        var tokens: [LogQLToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        tokens.append(LogQLToken(kind: .end, text: "", line: lexer.line, column: lexer.column))
        return tokens
    }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        index + offset < text.count ? text[index + offset] : nil
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where index < text.count {
            if text[index] == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
            index += 1
        }
    }

    private mutating func skipSpaceAndComments() {
        while let scalar = peek() {
            if scalar == "#" {
                while let scalar = peek(), scalar != "\n" {
                    _ = scalar
                    advance()
                }
            } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
                advance()
            } else {
                return
            }
        }
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range])
        return String(view)
    }

    private static func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) } ?? false }
    private static func isNameStart(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar == "_" || scalar.properties.isAlphabetic
    }

    private mutating func next() throws(LogQLError) -> LogQLToken? {
        skipSpaceAndComments()
        guard let scalar = peek() else { return nil }
        var token = LogQLToken(kind: .symbol, text: "", line: line, column: column)
        if Self.isNameStart(scalar) {
            readWord(into: &token)
        } else if Self.isDigit(scalar) || (scalar == "." && Self.isDigit(peek(1))) {
            readNumber(into: &token, isNegative: false)
        } else if scalar == "-", Self.isDigit(peek(1)), startsNegativeDuration() {
            advance()
            readNumber(into: &token, isNegative: true)
        } else if scalar == "\"" || scalar == "`" {
            token.kind = .string
            token.text = try readString()
        } else if scalar == "[" {
            token.kind = .range(try readRange())
        } else if scalar == "-", peek(1) == "-", Self.isNameStart(peek(2)) {
            let start = index
            while Self.isNameStart(peek()) || peek() == "-" { advance() }
            token.text = string(start..<index)
        } else if let symbol = Self.operators.first(where: { text[index...].starts(with: $0.unicodeScalars) }) {
            token.text = symbol
            advance(symbol.unicodeScalars.count)
        } else {
            token.kind = .identifier
            token.text = String(Character(scalar))
            advance()
        }
        return token
    }

    private mutating func readWord(into token: inout LogQLToken) {
        let start = index
        while Self.isNameStart(peek()) || Self.isDigit(peek()) { advance() }
        let word = string(start..<index)
        let lower = word.lowercased()
        if Self.functions.contains(lower), isFollowedByArguments() {
            token.kind = .function
            token.text = lower
        } else if Self.keywords.contains(lower) {
            token.text = lower
        } else {
            token.kind = .identifier
            token.text = word
        }
    }

    /// Elsewhere function names are ordinary names, so a label may be called `count`.
    private func isFollowedByArguments() -> Bool {
        var ahead = index
        while ahead < text.count, text[ahead].properties.isWhitespace { ahead += 1 }
        guard ahead < text.count else { return false }
        if text[ahead] == "(" { return true }
        let start = ahead
        while ahead < text.count, Self.isNameStart(text[ahead]) { ahead += 1 }
        let word = string(start..<ahead).lowercased()
        return word == "by" || word == "without"
    }

    /// The end of a run of digits, points and unit letters.
    private func endOfMeasure(from start: Int) -> Int {
        var end = start
        // No measure is longer; an unlimited search from every number would take quadratic time.
        let limit = min(text.count, start + Self.maximumMeasure)
        while end < limit, Self.isDigit(text[end]) || text[end] == "." || text[end].properties.isAlphabetic {
            end += 1
        }
        return end
    }

    private func startsNegativeDuration() -> Bool {
        Measure.duration(string(index + 1..<endOfMeasure(from: index + 1))) != nil && endsInUnit(index + 1)
    }

    private func endsInUnit(_ start: Int) -> Bool { !Self.isDigit(text[endOfMeasure(from: start) - 1]) }

    private mutating func readNumber(into token: inout LogQLToken, isNegative: Bool) {
        let start = index
        let end = endOfMeasure(from: start)
        let measure = string(start..<end)
        if endsInUnit(start) {
            if let duration = Measure.duration(measure) {
                token.kind = .duration(isNegative ? -duration : duration)
                token.text = measure
                return advance(end - start)
            }
            if let bytes = Measure.bytes(measure) {
                token.kind = .bytes(bytes)
                token.text = measure
                return advance(end - start)
            }
        }
        while Self.isDigit(peek()) || peek() == "." { advance() }
        if peek() == "e" || peek() == "E" {
            let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
            if Self.isDigit(peek(1 + sign)) {
                advance(1 + sign)
                while Self.isDigit(peek()) { advance() }
            }
        }
        token.kind = .number
        token.text = string(start..<index)
    }

    private mutating func readRange() throws(LogQLError) -> Int64 {
        let (startLine, startColumn) = (line, column)
        advance()
        let start = index
        while let scalar = peek(), scalar != "]" {
            _ = scalar
            advance()
        }
        guard peek() == "]" else {
            throw .syntax(line: startLine, column: startColumn, message: "missing closing ']' in duration")
        }
        let content = string(start..<index)
        advance()
        switch Measure.range(content) {
        case .success(let duration): return duration
        case .failure(let problem):
            throw .syntax(line: startLine, column: startColumn, message: problem.description)
        }
    }

    /// Reads a string in double quotes with Go's escapes, or in backticks without escapes.
    private mutating func readString() throws(LogQLError) -> String {
        let (startLine, startColumn) = (line, column)
        let quote = text[index]
        advance()
        var result = String.UnicodeScalarView()
        while let scalar = peek(), scalar != quote {
            if quote == "\"", scalar == "\n" { break }
            if quote == "\"", scalar == "\\" {
                advance()
                guard let escaped = readEscape() else {
                    throw .syntax(line: startLine, column: startColumn, message: "invalid char escape")
                }
                result.append(escaped)
            } else {
                result.append(scalar)
                advance()
            }
        }
        guard peek() == quote else {
            throw .syntax(line: startLine, column: startColumn, message: "literal not terminated")
        }
        advance()
        return String(result)
    }

    private mutating func readEscape() -> Unicode.Scalar? {
        guard let scalar = peek() else { return nil }
        advance()
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "\\", "\"": return scalar
        case "x", "u", "U":
            let count = scalar == "x" ? 2 : scalar == "u" ? 4 : 8
            guard index + count <= text.count, let value = UInt32(string(index..<index + count), radix: 16) else {
                return nil
            }
            advance(count)
            return Unicode.Scalar(value)
        default: return nil
        }
    }
}
