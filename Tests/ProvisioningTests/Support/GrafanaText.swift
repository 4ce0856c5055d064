/// A text with Grafana's variables in it: `$name`, `${name}`, `${name:format}`, `[[name]]`.
struct GrafanaText {
    let text: String

    init(_ text: String) { self.text = text }

    /// What Grafana knows without being told.
    static let builtIn: [String: String] = [
        "__auto": "1m", "__interval": "1m", "__interval_ms": "60000", "__rate_interval": "1m",
        "__range": "15m", "__range_s": "900", "__range_ms": "900000",
    ]

    /// The names of the variables, in the order in which they stand; a name such as `__field.labels.service` as a whole.
    var names: [String] {
        var names: [String] = []
        _ = replaced { name, _ in
            names.append(name)
            return nil
        }
        return names
    }

    /// The text with those variables filled in that `values` or ``builtIn`` have; the others stay as they are.
    func filled(_ values: [String: String] = [:]) -> String {
        replaced { name, _ in values[name] ?? Self.builtIn[name] }
    }

    private func replaced(_ value: (_ name: String, _ format: String?) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let next = rest.firstIndex(where: { $0 == "$" || $0 == "[" }) {
            result += rest[..<next]
            rest = rest[next...]
            guard let (name, format, length) = Self.variable(at: rest) else {
                result.append(rest.removeFirst())
                continue
            }
            let written = rest.prefix(length)
            result += value(name, format) ?? String(written)
            rest = rest.dropFirst(length)
        }
        return result + rest
    }

    /// The variable that `text` begins with, and how many characters it takes.
    private static func variable(at text: Substring) -> (name: String, format: String?, length: Int)? {
        for (opening, closing) in [("${", "}"), ("[[", "]]")] where text.hasPrefix(opening) {
            let inner = text.dropFirst(2)
            guard let end = inner.range(of: closing) else { return nil }
            let parts = inner[..<end.lowerBound].split(separator: ":", maxSplits: 1)
            guard let name = parts.first, name.allSatisfy(isPartOfPath) else { return nil }
            let length = 2 + inner[..<end.lowerBound].count + closing.count
            return (String(name), parts.count > 1 ? String(parts[1]) : nil, length)
        }
        guard text.first == "$" else { return nil }
        let name = text.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        // `$1` is a group of a regular expression.
        guard let first = name.first, !first.isNumber else { return nil }
        return (String(name), nil, 1 + name.count)
    }

    private static func isPartOfPath(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_.[]\"'".contains(character))
    }
}

extension Substring {
    /// The first place of `text`.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
