extension TraceQL {
    /// The value of a field of a span, or of a literal in a query.
    package enum Value: Hashable, Sendable {
        case missing
        case string(String)
        case integer(Int64)
        case double(Double)
        case bool(Bool)
        /// Nanoseconds.
        case duration(Int64)
        case status(Status)
        case kind(Kind)
        /// The elements of an array attribute, or the values of all events or links.
        case list([Value])
    }

    /// The status of a span; raw values are OTLP's.
    package enum Status: Int, CaseIterable, Sendable {
        case unset, ok, error

        package var name: String {
            switch self {
            case .unset: "unset"
            case .ok: "ok"
            case .error: "error"
            }
        }
    }

    /// The kind of a span; raw values are OTLP's.
    package enum Kind: Int, CaseIterable, Sendable {
        case unspecified, `internal`, server, client, producer, consumer

        package var name: String {
            switch self {
            case .unspecified: "unspecified"
            case .internal: "internal"
            case .server: "server"
            case .client: "client"
            case .producer: "producer"
            case .consumer: "consumer"
            }
        }
    }

    /// The static type of a value.
    enum ValueType: Equatable {
        /// The type of an attribute, which differs from span to span.
        case any
        case missing, string, integer, double, bool, duration, status, kind

        var isNumeric: Bool { self == .integer || self == .double || self == .duration }

        /// Whether values of the two types can be compared.
        func matches(_ other: ValueType) -> Bool {
            self == other || self == .any || other == .any || self == .missing || other == .missing
                || (isNumeric && other.isNumeric)
        }

        func allows(_ operation: BinaryOperator) -> Bool {
            switch self {
            case .any: true
            case .bool: [.and, .or, .equal, .notEqual].contains(operation)
            case .integer, .double, .duration: operation.isArithmetic || operation.isOrdering || operation.isEquality
            case .string: operation.isOrdering || operation.isEquality || operation.isPattern
            case .missing, .status, .kind: operation.isEquality
            }
        }
    }
}

extension TraceQL.Value {
    var type: TraceQL.ValueType {
        switch self {
        case .missing: .missing
        case .string: .string
        case .integer: .integer
        case .double: .double
        case .bool: .bool
        case .duration: .duration
        case .status: .status
        case .kind: .kind
        case .list: .any
        }
    }

    package var isTrue: Bool { self == .bool(true) }

    /// The approximate size of the value in bytes.
    package var size: Int {
        switch self {
        case .string(let text): 40 + text.utf8.count
        case .list(let elements): elements.reduce(64) { $0 + $1.size }
        default: 24
        }
    }

    /// The value as a number; durations in nanoseconds.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .duration(let value): Double(value)
        default: nil
        }
    }

    /// The value as shown in a list of tag values.
    package var text: String {
        switch self {
        case .missing: "nil"
        case .string(let value): value
        case .integer(let value): String(value)
        case .double(let value): TraceQL.text(of: value)
        case .bool(let value): String(value)
        case .duration(let value): TraceQL.Duration.text(nanoseconds: value)
        case .status(let value): value.name
        case .kind(let value): value.name
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        }
    }

    /// The type's name in a list of tag values.
    package var typeName: String {
        switch self {
        case .missing, .string, .list: "string"
        case .integer: "int"
        case .double: "float"
        case .bool: "bool"
        case .duration: "duration"
        case .status, .kind: "keyword"
        }
    }

    /// The value in query syntax.
    var queryText: String {
        if case .string(let value) = self { "`\(value)`" } else { text }
    }
}

extension TraceQL {
    /// The number without a needless `.0`.
    static func text(of value: Double) -> String {
        if let integer = Int64(exactly: value) { String(integer) } else { value.description }
    }
}
