/// Splits rules, respecting quotes and parentheses.
enum RuleScanner {
    /// Splits `text` at `separators` outside quotes and parentheses.
    static func split(_ text: String, at separators: Set<Character>) throws(FaultRuleError) -> [String] {
        var parts = [""]
        var depth = 0
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isQuoted = false
                }
            } else if separators.contains(character), depth == 0 {
                parts.append("")
                continue
            } else {
                switch character {
                case "\"": isQuoted = true
                case "(": depth += 1
                case ")": depth -= 1
                default: break
                }
                guard depth >= 0 else { throw FaultRuleError("a ')' without its '('", of: text.trimmed) }
            }
            parts[parts.count - 1].append(character)
        }
        if isQuoted { throw FaultRuleError("a '\"' without its end", of: text.trimmed) }
        if depth > 0 { throw FaultRuleError("a '(' without its ')'", of: text.trimmed) }
        return parts
    }

    /// Returns the text without surrounding quotes, if there are any; `nil` if something follows the closing quote.
    static func unquoted(_ text: String) -> String? {
        guard text.hasPrefix("\"") else { return text }
        var result = ""
        var isEscaped = false
        for (offset, character) in text.dropFirst().enumerated() {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return offset == text.count - 2 ? result : nil
            } else {
                result.append(character)
            }
        }
        return nil
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
