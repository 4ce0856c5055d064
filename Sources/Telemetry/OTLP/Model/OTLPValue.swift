/// A value in OTLP (`AnyValue`), with more types than a span attribute. Receivers must accept all of them.
package enum OTLPValue: Sendable, Hashable {
    /// A value with no case set.
    case empty
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    indirect case array([OTLPValue])
    indirect case keyValueList([OTLPKeyValue])
}

/// An attribute in OTLP.
package struct OTLPKeyValue: Sendable, Hashable {
    package var key: String
    package var value: OTLPValue

    package init(key: String, value: OTLPValue) {
        self.key = key
        self.value = value
    }
}

extension [OTLPKeyValue] {
    /// The value of `key`.
    package subscript(_ key: String) -> OTLPValue? { first { $0.key == key }?.value }

    /// The string value of `key`; `nil` if it is missing or not a string.
    package func string(_ key: String) -> String? {
        if case .string(let text)? = self[key] { text } else { nil }
    }
}

/// The source of the telemetry: a library's name and version (`InstrumentationScope`).
package struct OTLPScope: Sendable, Hashable {
    package var name: String
    package var version: String
    package var attributes: [OTLPKeyValue]
    /// The schema URL of the scope and its telemetry (`ScopeSpans.schema_url`); empty for none.
    package var schemaURL: String

    package init(name: String = "", version: String = "", attributes: [OTLPKeyValue] = [], schemaURL: String = "") {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.schemaURL = schemaURL
    }
}
