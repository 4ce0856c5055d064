/// Scans a template's text.
struct TemplateScanner {
    private let characters: [Character]
    private var index = 0

    init(_ source: String) { characters = Array(source) }

    var isAtEnd: Bool { index >= characters.count }
    var current: Character? { index < characters.count ? characters[index] : nil }

    private func peek(_ offset: Int) -> Character? {
        index + offset < characters.count ? characters[index + offset] : nil
    }

    mutating func advance(_ count: Int = 1) { index = min(index + count, characters.count) }

    /// The text before the next `{{`.
    mutating func text() -> String {
        let start = index
        while index < characters.count, !(current == "{" && peek(1) == "{") { index += 1 }
        return String(characters[start..<index])
    }

    /// Whether the `{{` here trims the space before it.
    var startsWithTrim: Bool { peek(2) == "-" && (peek(3)?.isWhitespace ?? false) }

    mutating func skipOpening() { advance(startsWithTrim ? 3 : 2) }

    mutating func skipSpace() { while current?.isWhitespace ?? false { advance() } }

    /// Skips `}}` or ` -}}` if it is next.
    mutating func skipClosing(_ trims: inout Bool) -> Bool {
        if current == "}", peek(1) == "}" {
            advance(2)
            trims = false
            return true
        }
        if current == "-", peek(1) == "}", peek(2) == "}", index > 0, characters[index - 1].isWhitespace {
            advance(3)
            trims = true
            return true
        }
        return false
    }

    /// Skips `/* … */}}` if it is next.
    mutating func skipComment(_ trims: inout Bool) -> Bool {
        let start = index
        skipSpace()
        guard current == "/", peek(1) == "*" else {
            index = start
            return false
        }
        while !isAtEnd, !(current == "*" && peek(1) == "/") { advance() }
        advance(2)
        skipSpace()
        if skipClosing(&trims) { return true }
        index = start
        return false
    }

    mutating func word() -> String {
        let start = index
        while let character = current, character.isLetter || character.isNumber || character == "_" { advance() }
        return String(characters[start..<index])
    }

    mutating func number() -> String {
        let start = index
        advance()
        while let character = current, character.isLetter || character.isNumber || character == "." { advance() }
        return String(characters[start..<index])
    }

    /// A text in double quotes with escapes, or in backticks without; `nil` if it is not terminated.
    mutating func quoted() -> String? {
        guard let quote = current else { return nil }
        advance()
        var result = ""
        while let character = current, character != quote {
            advance()
            guard quote == "\"", character == "\\" else {
                result.append(character)
                continue
            }
            guard let escaped = current else { return nil }
            advance()
            switch escaped {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "r": result.append("\r")
            default: result.append(escaped)
            }
        }
        guard current == quote else { return nil }
        advance()
        return result
    }
}
