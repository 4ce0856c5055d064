import Encoding

/// A value with its position, for files written by people: code that rejects a value can report its line.
package struct YAMLValue: Sendable {
    package enum Content: Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case string(String)
        case list([YAMLValue])
        case mapping([Member])
    }

    /// A key with its value.
    package struct Member: Sendable {
        package var name: String
        /// The position of the key.
        package var place: TextPlace
        package var value: YAMLValue
    }

    package var content: Content
    /// The position of the value. An alias has the position of its anchor.
    package var place: TextPlace

    /// Parses the only document of a text.
    /// - Throws: ``YAMLError``, also if there is no document or a second one, or if a limit is exceeded.
    package init(parsing bytes: [UInt8], limits: YAMLLimits = .init()) throws(YAMLError) {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(message: "longer than \(limits.bytes) bytes", line: 1, column: 1)
        }
        var composer = try YAMLComposer(bytes, limits: limits)
        guard let only = try composer.nextDocument() else {
            throw YAMLError(message: "expected a document: there is nothing in it", line: 1, column: 1)
        }
        if let second = try composer.nextDocument() {
            throw YAMLError(
                message: "expected one document: here a second one begins", line: second.place.line,
                column: second.place.column)
        }
        self = only
    }

    init(_ content: Content, _ place: TextPlace) {
        self.content = content
        self.place = place
    }

    /// The value without positions.
    package var json: JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        case .string(let value): .string(value)
        case .list(let values): .array(values.map(\.json))
        case .mapping(let members): .object(JSONObject(members.map { ($0.name, $0.value.json) }))
        }
    }
}

/// Limits on the size of a text.
package struct YAMLLimits: Sendable {
    /// The maximum length in bytes.
    package var bytes: Int
    /// The maximum number of values. Each alias counts with everything it stands for, because nested aliases can make a
    /// small file enormous.
    package var values: Int
    /// The maximum nesting depth, because values are read recursively.
    package var depth: Int

    package init(bytes: Int = .max, values: Int = 1_000_000, depth: Int = 200) {
        self.bytes = bytes
        self.values = values
        self.depth = depth
    }
}
