/// Splits a pattern into parts, for information that RE2 does not provide. RE2 decides whether the pattern is valid;
/// for an invalid pattern the parts are arbitrary.
struct PatternScanner {
    enum Part: Equatable {
        /// Matches itself.
        case literal(Unicode.Scalar)
        /// Opens a counted group. The name is whatever stands in its place, or empty if it is not terminated.
        case group(name: String?)
        /// Opens a group that is not counted, such as `(?:` or `(?i:`.
        case plainGroup(flags: String)
        case groupEnd
        /// Sets flags for what follows, such as `(?i)`.
        case flags(String)
        case alternation
        case repetition(mayBeNone: Bool)
        /// `\Q` or `\E`, between which every character matches itself.
        case quotation
        /// `\C`.
        case anyByte
        /// Anything else, such as `.`, `[a-z]`, `\d` or `$`.
        case other
    }

    private let text: [Unicode.Scalar]
    /// The position of the next part.
    private(set) var index = 0
    private var isQuoted = false

    init(_ pattern: String) { text = Array(pattern.unicodeScalars) }

    /// The text of the pattern in a range of positions.
    func slice(_ range: Range<Int>) -> String {
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text[range])
        return String(result)
    }

    /// The rest of the pattern.
    var rest: String { slice(index..<text.count) }

    mutating func next() -> Part? {
        guard index < text.count else { return nil }
        if isQuoted {
            guard accept("\\E") else { return .literal(advance()) }
            isQuoted = false
            return .quotation
        }
        switch advance() {
        case "(": return accept("?") ? specialGroup() : .group(name: nil)
        case ")": return .groupEnd
        case "|": return .alternation
        case "*", "?": return repetition(mayBeNone: true)
        case "+": return repetition(mayBeNone: false)
        case "{": return bounds()
        case "[": return characterClass()
        case "\\": return escape()
        case ".", "^", "$": return .other
        case let scalar: return .literal(scalar)
        }
    }

    private mutating func advance() -> Unicode.Scalar {
        defer { index += 1 }
        return text[index]
    }

    private func isNext(_ prefix: String) -> Bool { text[index...].starts(with: prefix.unicodeScalars) }

    private mutating func accept(_ prefix: String) -> Bool {
        guard isNext(prefix) else { return false }
        index += prefix.unicodeScalars.count
        return true
    }

    /// Reads while `isPart` holds, at most `limit` scalars.
    private mutating func read(_ limit: Int = .max, while isPart: (Unicode.Scalar) -> Bool) -> String {
        let start = index
        while index < text.count, index - start < limit, isPart(text[index]) { index += 1 }
        return slice(start..<index)
    }

    // MARK: Parts

    /// Continues after `(?`.
    private mutating func specialGroup() -> Part {
        if accept("P<") || accept("<") {
            let name = read { $0 != ">" }
            return .group(name: accept(">") ? name : "")
        }
        let flags = read { $0 != ":" && $0 != ")" }
        return accept(":") ? .plainGroup(flags: flags) : accept(")") ? .flags(flags) : .other
    }

    private mutating func repetition(mayBeNone: Bool) -> Part {
        _ = accept("?")
        return .repetition(mayBeNone: mayBeNone)
    }

    /// Continues after `{`, which matches itself if no count follows.
    private mutating func bounds() -> Part {
        let start = index
        let least = read(while: Self.isDigit)
        if accept(",") { _ = read(while: Self.isDigit) }
        guard !least.isEmpty, accept("}") else {
            index = start
            return .literal("{")
        }
        return repetition(mayBeNone: Int(least) == 0)
    }

    /// Continues after `[`. A class of a single literal scalar is treated as that literal.
    private mutating func characterClass() -> Part {
        let start = index
        _ = accept("^")
        var isFirst = true
        while index < text.count, isFirst || !isNext("]") {
            isFirst = false
            if isNext("[:"), let end = end(of: ":]", from: index + 2) {
                index = end
                continue
            }
            // The end of a range is a character, even if it looks like the beginning of `[:alpha:]`.
            if skipOfClass(), isNext("-"), index + 1 < text.count, text[index + 1] != "]" {
                index += 1
                _ = skipOfClass()
            }
        }
        let isOne = index == start + 1 && !"^\\".unicodeScalars.contains(text[start])
        _ = accept("]")
        return isOne ? .literal(text[start]) : .other
    }

    /// Skips one character of a class.
    /// - Returns: whether a range may begin with it.
    private mutating func skipOfClass() -> Bool {
        guard advance() == "\\", index < text.count else { return true }
        return !"dDsSwWpP".unicodeScalars.contains(advance())
    }

    /// The position after the next `marker` at or after `start`.
    private func end(of marker: String, from start: Int) -> Int? {
        guard start <= text.count else { return nil }
        return text[start...].firstRange(of: Array(marker.unicodeScalars))?.upperBound
    }

    /// Continues after a backslash.
    private mutating func escape() -> Part {
        guard index < text.count else { return .other }
        switch advance() {
        case "Q":
            isQuoted = true
            return .quotation
        case "C": return .anyByte
        case "x", "p", "P":
            if accept("{") {
                _ = read { $0 != "}" }
                _ = accept("}")
            } else {
                index = min(index + (text[index - 1] == "x" ? 2 : 1), text.count)
            }
            return .other
        case let digit where Self.isDigit(digit):
            _ = read(2, while: Self.isDigit)
            return .other
        case let scalar:
            let isWord = scalar.properties.isAlphabetic || scalar == "_"
            return isWord ? .other : .literal(scalar)
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
