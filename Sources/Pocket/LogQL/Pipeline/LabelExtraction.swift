/// A label that a `json` or `logfmt` stage extracts from one field: `json kind="error.type"`.
package struct LabelExtraction: Sendable, Equatable {
    package var label: String
    /// The names of the enclosing objects, then the name of the field.
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
    /// Every extraction becomes a label; objects and arrays are kept as text. If the line lacks the field, the label is
    /// empty, unless the stream or the metadata has a label with that name.
    ///
    /// As in Loki, malformed text elsewhere in the line does not matter.
    static func json(
        _ line: UnsafeBufferPointer<UInt8>, _ extractions: [LabelExtraction], into labels: inout LineLabels
    ) {
        guard let first = line.first else { return }
        guard [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains(first) else {
            return labels.setError("JSONParserErr", JSONScanner.Failure.notObject.rawValue)
        }
        var missing: [String] = []
        for extraction in extractions {
            // Each extraction scans the line.
            guard labels.spend(1 + line.count / 16) else { return }
            do {
                if let text = try field(extraction.path[...], of: line, at: 0) {
                    labels.extract(extraction.label, text, overriding: true)
                } else {
                    missing.append(extraction.label)
                }
            } catch {
                labels.setError("JSONParserErr", error.rawValue)
                missing.append(extraction.label)
            }
        }
        for label in missing where labels.value(label) == nil { labels.extract(label, "", overriding: true) }
    }

    /// - Throws: if the field is present and its value cannot be read.
    private static func field(
        _ path: ArraySlice<String>, of line: UnsafeBufferPointer<UInt8>, at index: Int
    ) throws(JSONScanner.Failure) -> String? {
        var scanner = JSONScanner(line, at: index)
        do {
            return try field(path, &scanner, line)
        } catch {
            guard let name = scanner.lastName,
                scanner.text(name, hasEscapes: scanner.lastNameHasEscapes) == path.first
            else { return nil }
            throw error
        }
    }

    private static func field(
        _ path: ArraySlice<String>, _ scanner: inout JSONScanner, _ line: UnsafeBufferPointer<UInt8>
    ) throws(JSONScanner.Failure) -> String? {
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

    /// The same for `logfmt`; the first of several equal keys counts.
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
            if let value = values[extraction.path.joined(separator: ".")] {
                labels.extract(extraction.label, value, overriding: true)
            } else if !labels.streamHas(extraction.label) {
                labels.extract(extraction.label, "", overriding: true)
            }
        }
    }
}
