/// A label that a `json` or `logfmt` stage takes from one field: `json kind="error.type"`.
package struct LabelExtraction: Sendable, Equatable {
    package var label: String
    /// The names of the objects that lead to the field, then its own.
    package var path: [String]

    /// - Parameter expression: `a.b`, `a["b c"]` or `["a"].b`; for `logfmt` a key.
    init(label: String, expression: String) throws(LogQLError) {
        self.label = label
        path = []
        var rest = expression[...]
        while !rest.isEmpty {
            if rest.hasPrefix("[\"") {
                rest = rest.dropFirst(2)
                guard let end = rest.firstRange(of: "\"]") else { throw Self.invalid(expression) }
                path.append(String(rest[..<end.lowerBound]))
                rest = rest[end.upperBound...]
            } else if rest.first == "[" {
                throw .limited("a place in a list is not supported in `\(expression)`: name fields as in error.type")
            } else {
                if !path.isEmpty {
                    guard rest.first == "." else { throw Self.invalid(expression) }
                    rest.removeFirst()
                }
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { throw Self.invalid(expression) }
                path.append(String(name))
                rest = rest.dropFirst(name.count)
            }
        }
        guard !path.isEmpty else { throw Self.invalid(expression) }
    }

    private static func invalid(_ expression: String) -> LogQLError {
        .invalid("cannot parse expression [\(expression)]: expected fields such as error.type or a[\"b\"]")
    }
}

extension LineParsers {
    /// Every extraction becomes a label, empty where the line does not have the field; objects and lists as they are.
    static func json(
        _ line: UnsafeBufferPointer<UInt8>, _ extractions: [LabelExtraction], into labels: inout LineLabels
    ) {
        do {
            for extraction in extractions {
                // Each looks through the line.
                guard labels.spend(1 + line.count / 16) else { return }
                let text = try field(extraction.path[...], of: line, at: 0)
                labels.extract(extraction.label, text ?? "", overriding: true)
            }
        } catch {
            labels.setError("JSONParserErr", error.rawValue)
        }
    }

    private static func field(
        _ path: ArraySlice<String>, of line: UnsafeBufferPointer<UInt8>, at index: Int
    ) throws(JSONScanner.Failure) -> String? {
        var scanner = JSONScanner(line, at: index)
        let reader = scanner
        var found: String?
        try scanner.members { (range, escaped, value) throws(JSONScanner.Failure) in
            guard reader.text(range, hasEscapes: escaped) == path.first else { return true }
            if path.count > 1 {
                if case .object(let start) = value { found = try field(path.dropFirst(), of: line, at: start) }
            } else {
                switch value {
                case .string(let range, let hasEscapes): found = reader.text(range, hasEscapes: hasEscapes)
                case .literal(let range): found = reader.text(range)
                case .null: found = ""
                case .object(let start), .array(let start): found = reader.text(try reader.range(ofNestedAt: start))
                }
            }
            return false
        }
        return found
    }

    /// The same for `logfmt`, of whose keys the first of a name counts.
    static func logfmt(
        _ line: UnsafeBufferPointer<UInt8>, _ extractions: [LabelExtraction], into labels: inout LineLabels
    ) {
        var values: [String: String] = [:]
        pairs(line) { key, value, isQuoted in
            let name = String(decoding: UnsafeBufferPointer(rebasing: line[key]), as: UTF8.self)
            if values[name] == nil { values[name] = JSONScanner(line).text(value, hasEscapes: isQuoted) }
            return true
        }
        for extraction in extractions {
            labels.extract(
                extraction.label, values[extraction.path.joined(separator: ".")] ?? "", overriding: true)
        }
    }
}
