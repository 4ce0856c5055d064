/// A text with Grafana's variables: `$name`, `${name}`, `${name.path}`, `${name:format}`, `[[name]]`.
struct Template {
    /// A text with its variables replaced.
    struct Filled: Sendable, Equatable {
        var text: String
        /// Variables without a value, as written in the text: Grafana then makes no link.
        var undefined: [String] = []
        /// Variables whose value is empty.
        var empty: [String] = []
        /// All variables in the text: name and path.
        var used: [String] = []
    }

    /// Variables that Grafana fills in later, when it runs the query.
    private static let later: Set<String> = [
        "__from", "__to", "__interval", "__interval_ms", "__range", "__rate_interval", "__org", "__user",
        "__timeFilter", "timeFilter",
    ]

    let text: String

    init(_ text: String) { self.text = text }

    /// - Parameter value: returns a variable's value by name and path, such as `__span` and `tags["http.method"]`.
    func fill(_ value: (_ name: String, _ path: String?) -> String?) -> Filled {
        var filled = Filled(text: "")
        var rest = Substring(text)
        while let start = rest.firstIndex(where: { $0 == "$" || $0 == "[" }) {
            filled.text += rest[..<start]
            rest = rest[start...]
            guard let variable = Variable(rest) else {
                filled.text.append(rest.removeFirst())
                continue
            }
            let source = String(rest.prefix(variable.length))
            rest = rest.dropFirst(variable.length)
            guard !Self.later.contains(variable.name) else {
                filled.text += source
                continue
            }
            filled.used.append(variable.name + (variable.path.map { "." + $0 } ?? ""))
            let text = value(variable.name, variable.path)
            if text == nil { filled.undefined.append(source) }
            if text == "" { filled.empty.append(source) }
            filled.text += text ?? source
        }
        filled.text += rest
        return filled
    }

    /// A variable at the beginning of a text.
    private struct Variable {
        var name: String
        var path: String?
        /// In characters, including the delimiters.
        var length: Int

        init?(_ text: Substring) {
            if text.hasPrefix("${"), let end = text.firstIndex(of: "}") {
                let inner = text[..<end].dropFirst(2).prefix { $0 != ":" }
                let name = inner.prefix(while: Self.isWord)
                let rest = inner.dropFirst(name.count)
                guard !name.isEmpty, rest.isEmpty || (rest.first == "." && rest.count > 1) else { return nil }
                self.init(name, rest.isEmpty ? nil : String(rest.dropFirst()), text[...end].count)
            } else if text.hasPrefix("[["), let end = text.firstIndex(of: "]"), text[end...].hasPrefix("]]") {
                let inner = text[..<end].dropFirst(2).prefix { $0 != ":" }
                guard !inner.isEmpty, inner.allSatisfy(Self.isWord) else { return nil }
                self.init(inner, nil, text[..<end].count + 2)
            } else {
                let name = text.dropFirst().prefix(while: Self.isWord)
                guard text.hasPrefix("$"), !name.isEmpty else { return nil }
                self.init(name, nil, name.count + 1)
            }
        }

        private init(_ name: Substring, _ path: String?, _ length: Int) {
            self.name = String(name)
            self.path = path
            self.length = length
        }

        private static func isWord(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber || character == "_")
        }
    }
}
