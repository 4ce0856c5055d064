import Encoding

/// A value that knows where it stands, for files that people write: who refuses it can say which line is wrong.
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
        /// That of the key.
        package var place: TextPlace
        package var value: YAMLValue
    }

    package var content: Content
    /// Where it begins. What an alias stands for is where its anchor is.
    package var place: TextPlace

    /// Reads the only document of a text.
    /// - Throws: ``YAMLError``, also where there is none or a second one, and for what exceeds the limits.
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

    /// The same without places.
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

/// What a text may cost before it is refused.
package struct YAMLLimits: Sendable {
    /// How long it may be.
    package var bytes: Int
    /// How many values it may have, each alias counted as all that it stands for: aliases of aliases can make a small file
    /// enormous.
    package var values: Int
    /// How deeply they may be nested: they are read by recursion.
    package var depth: Int

    package init(bytes: Int = .max, values: Int = 1_000_000, depth: Int = 200) {
        self.bytes = bytes
        self.values = values
        self.depth = depth
    }
}
