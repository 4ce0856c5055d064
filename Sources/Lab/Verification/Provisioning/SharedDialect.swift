/// The subset of regular expressions that RE2 and JavaScript (without flags) interpret alike.
enum SharedDialect {
    enum Dialect: String, Sendable {
        case re2 = "RE2"
        case javaScript = "JavaScript"
    }

    struct Foreign: Equatable {
        /// As written in the pattern.
        var text: String
        var dialect: Dialect
    }

    /// The first construct in a pattern that only one of the two supports, or that they interpret differently.
    static func foreign(in pattern: String) -> Foreign? {
        var rest = pattern[...]
        var isInClass = false
        while let character = rest.first {
            if let found = foreign(at: rest, isInClass) { return found }
            if character == "\\" {
                rest = rest.dropFirst(2)
                continue
            }
            if character == "[", !isInClass {
                isInClass = true
                rest = rest.dropFirst()
                // A leading closing bracket is a member of the class in RE2, and the end of the class in JavaScript.
                if rest.first == "^" { rest = rest.dropFirst() }
                if rest.first == "]" { return Foreign(text: "[]", dialect: .re2) }
                continue
            }
            if character == "]" { isInClass = false }
            rest = rest.dropFirst()
        }
        return nil
    }

    private static func foreign(at text: Substring, _ isInClass: Bool) -> Foreign? {
        if isInClass {
            if text.hasPrefix("[:"), let end = text.firstRange(of: ":]") {
                return Foreign(text: "[" + String(text[..<end.upperBound]) + "]", dialect: .re2)
            }
        } else if text.hasPrefix("(?") {
            return foreignGroup(text)
        } else if text.first == "[", text.hasPrefix("[[:"), let end = text.firstRange(of: ":]") {
            return Foreign(text: String(text[..<end.upperBound]) + "]", dialect: .re2)
        }
        guard text.first == "\\", let next = text.dropFirst().first else { return nil }
        let escape = String(text.prefix(2))
        switch next {
        case "A", "z", "Q", "E", "C", "a", "p", "P": return Foreign(text: escape, dialect: .re2)
        case "Z", "G", "K", "R", "X", "h", "H", "N", "U": return Foreign(text: escape, dialect: .re2)
        case "x": return text.hasPrefix("\\x{") ? Foreign(text: "\\x{", dialect: .re2) : nil
        case "u", "c", "k": return Foreign(text: escape, dialect: .javaScript)
        case "1"..."9": return Foreign(text: escape, dialect: .javaScript)
        case "b" where isInClass: return Foreign(text: "[\\b]", dialect: .javaScript)
        default: return nil
        }
    }

    private static func foreignGroup(_ text: Substring) -> Foreign? {
        for (prefix, dialect) in [
            ("(?:", nil), ("(?=", .javaScript), ("(?!", .javaScript), ("(?<=", .javaScript), ("(?<!", .javaScript),
            ("(?<", nil), ("(?P<", .re2),
        ] as [(String, Dialect?)] where text.hasPrefix(prefix) {
            return dialect.map { Foreign(text: prefix, dialect: $0) }
        }
        // Flags: `(?i)`, `(?s-m:`.
        let flags = text.prefix { $0 != ")" && $0 != ":" }
        return Foreign(text: flags + String(text.dropFirst(flags.count).prefix(1)), dialect: .re2)
    }
}
