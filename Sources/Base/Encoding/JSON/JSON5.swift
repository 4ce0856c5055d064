/// Where something stands in a text: the line, and the character in it, both from 1.
package struct TextPlace: Sendable, Equatable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column)" }
}

/// A JSON5 text (spec.json5.org, version 1.0.0) as a value that knows where it stands, for files that people write:
/// comments, trailing commas, unquoted names, single quotes, hexadecimal numbers. An object may not have a name twice,
/// and a number must be finite: both are slips where they are found.
package struct JSON5Value: Sendable {
    package enum Content: Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case string(String)
        case array([JSON5Value])
        case object([Member])
    }

    /// A name with its value.
    package struct Member: Sendable {
        package var name: String
        package var place: TextPlace
        package var value: JSON5Value
    }

    package var content: Content
    package var place: TextPlace

    /// Reads one text.
    /// - Throws: ``JSON5Error`` with the place where reading stopped.
    package init(parsing bytes: [UInt8], maximumDepth: Int = 64) throws(JSON5Error) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSON5Error(message: "the text is not UTF-8", place: TextPlace(line: 1, column: 1))
        }
        var reader = JSON5Reader(text, maximumDepth: maximumDepth)
        self = try reader.document()
    }

    package init(parsing text: String) throws(JSON5Error) { try self.init(parsing: Array(text.utf8)) }

    init(_ content: Content, _ place: TextPlace) {
        self.content = content
        self.place = place
    }

    /// The same without places.
    package var json: JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        case .string(let value): .string(value)
        case .array(let values): .array(values.map(\.json))
        case .object(let members): .object(JSONObject(members.map { ($0.name, $0.value.json) }))
        }
    }
}

/// Where and why a text is not JSON5.
package struct JSON5Error: Error, Equatable, CustomStringConvertible {
    package var message: String
    package var place: TextPlace

    package var description: String { "\(place): \(message)" }
}
