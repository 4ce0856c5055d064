extension Database {
    /// A parameter of a statement.
    package enum Value: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
        ExpressibleByFloatLiteral, ExpressibleByNilLiteral
    {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        /// Text given as UTF-8 bytes, which are used unchanged.
        case utf8([UInt8])
        case blob([UInt8])

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int64) { self = .integer(value) }
        package init(floatLiteral value: Double) { self = .real(value) }
        package init(nilLiteral: ()) { self = .null }

        /// Text given as UTF-8 bytes, without creating a `String`.
        package static func text(bytes: [UInt8]) -> Value { .utf8(bytes) }
        package static func optional(_ value: String?) -> Value { value.map(Value.text) ?? .null }
        package static func optional(_ value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    }
}
