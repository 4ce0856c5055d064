/// A value as OTLP carries it (`AnyValue`), richer than a span attribute: receivers must take all of it.
package enum OTLPValue: Sendable, Hashable {
    /// A value of which no case is set.
    case empty
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    indirect case array([OTLPValue])
    indirect case keyValueList([OTLPKeyValue])
}

/// An attribute as OTLP carries it.
package struct OTLPKeyValue: Sendable, Hashable {
    package var key: String
    package var value: OTLPValue

    package init(key: String, value: OTLPValue) {
        self.key = key
        self.value = value
    }
}

extension [OTLPKeyValue] {
    /// The value under `key`.
    package subscript(_ key: String) -> OTLPValue? { first { $0.key == key }?.value }

    /// The text under `key`; `nil` if it is missing or not a text.
    package func string(_ key: String) -> String? {
        if case .string(let text)? = self[key] { text } else { nil }
    }
}

/// What made the telemetry: a library's name and version (`InstrumentationScope`).
package struct OTLPScope: Sendable, Hashable {
    package var name: String
    package var version: String
    package var attributes: [OTLPKeyValue]
    /// The schema URL of the scope and of what it made (`ScopeSpans.schema_url`); empty for none.
    package var schemaURL: String

    package init(name: String = "", version: String = "", attributes: [OTLPKeyValue] = [], schemaURL: String = "") {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.schemaURL = schemaURL
    }
}
