import SQLite
import TraceContext
import TraceQL
import Vocabulary

/// A condition on the table of spans that every row matching a filter satisfies: the other rows need not be read.
package struct SpanPushdown {
    package var sql: String
    package var parameters: [Database.Value]

    /// Matches every row.
    static let none = SpanPushdown(sql: "1", parameters: [])

    /// The strictest condition implied by `expression`.
    package init(_ expression: TraceQL.Expression) { self = Self.necessary(expression) ?? .none }

    private init(sql: String, parameters: [Database.Value]) {
        self.sql = sql
        self.parameters = parameters
    }

    private static func necessary(_ expression: TraceQL.Expression) -> SpanPushdown? {
        switch expression {
        case .literal(.bool(let value)): return SpanPushdown(sql: value ? "1" : "0", parameters: [])
        case .binary(.and, let left, let right):
            guard let left = necessary(left) else { return necessary(right) }
            guard let right = necessary(right) else { return left }
            return left.combined("AND", right)
        case .binary(.or, let left, let right):
            guard let left = necessary(left), let right = necessary(right) else { return nil }
            return left.combined("OR", right)
        case .binary(let operation, .field(let field), .literal(let value)):
            return comparison(field, operation, value)
        case .binary(let operation, .literal(let value), .field(let field)):
            return comparison(field, operation.mirrored, value)
        default: return nil
        }
    }

    private func combined(_ word: String, _ other: SpanPushdown) -> SpanPushdown {
        SpanPushdown(sql: "(\(sql) \(word) \(other.sql))", parameters: parameters + other.parameters)
    }

    private static func comparison(
        _ field: TraceQL.Field, _ operation: TraceQL.BinaryOperator, _ value: TraceQL.Value
    ) -> SpanPushdown? {
        guard operation.isEquality || operation.isOrdering else { return nil }
        let symbol = operation == .notEqual ? "<>" : operation.rawValue
        switch (field, value) {
        case (.intrinsic(.status), .status(let status)):
            return SpanPushdown(sql: "status \(symbol) \(status.rawValue)", parameters: [])
        case (.intrinsic(.kind), .kind(let kind)):
            return SpanPushdown(sql: "kind \(symbol) \(kind.rawValue)", parameters: [])
        case (.intrinsic(.name), .string(let name)):
            return SpanPushdown(sql: "name \(symbol) ?", parameters: [.text(name)])
        case (.intrinsic(.duration), .duration(let nanoseconds)), (.intrinsic(.duration), .integer(let nanoseconds)):
            return SpanPushdown(sql: "duration \(symbol) ?", parameters: [.integer(nanoseconds)])
        case (.attribute(.resource, Attribute.serviceName), .string(let service)) where operation.isEquality:
            return SpanPushdown(
                sql: "context IN (SELECT id FROM trace_contexts WHERE service \(symbol) ?)",
                parameters: [.text(service)])
        case (.intrinsic(.traceID), .string(let text)) where operation == .equal:
            guard let id = TraceID(padding: text) else { return SpanPushdown(sql: "0", parameters: []) }
            return SpanPushdown(
                sql: "(trace_low = ? AND trace_high = ?)",
                parameters: [.integer(Int64(bitPattern: id.low)), .integer(Int64(bitPattern: id.high))])
        default: return nil
        }
    }
}

extension TraceQL.BinaryOperator {
    /// The operator for swapped operands.
    fileprivate var mirrored: Self {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        default: self
        }
    }
}

extension TraceID {
    /// Parses at most 32 hex digits in either case; shorter ids lack their leading zeros, as in Tempo's search results.
    package init?(padding text: String) {
        let digits = Array(text.lowercased().utf8)
        guard !digits.isEmpty, digits.count <= 32 else { return nil }
        self.init(
            String(decoding: Array(repeating: UInt8(ascii: "0"), count: 32 - digits.count) + digits, as: UTF8.self))
    }
}
