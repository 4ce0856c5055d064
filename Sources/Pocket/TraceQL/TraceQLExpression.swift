extension TraceQL {
    /// An expression about one span.
    package indirect enum Expression: Equatable, Sendable, CustomStringConvertible {
        case literal(Value)
        case field(Field)
        case binary(BinaryOperator, Expression, Expression)
        case not(Expression)
        case negative(Expression)
        /// `field != nil`.
        case exists(Expression)
        /// `field = nil`.
        case absent(Expression)

        package var description: String {
            switch self {
            case .literal(let value): value.queryText
            case .field(let field): field.description
            case .binary(let operation, let left, let right):
                "\(left.nested) \(operation.rawValue) \(right.nested)"
            case .not(let operand): "!\(operand.nested)"
            case .negative(let operand): "-\(operand.nested)"
            case .exists(let operand): "\(operand.nested) != nil"
            case .absent(let operand): "\(operand.nested) = nil"
            }
        }

        private var nested: String {
            if case .binary = self { "(\(self))" } else { description }
        }

        /// The fields it reads, without duplicates, in the order in which they are written.
        package var fields: [Field] {
            var result: [Field] = []
            collect(into: &result)
            return result
        }

        private func collect(into result: inout [Field]) {
            switch self {
            case .literal: break
            case .field(let field): if !result.contains(field) { result.append(field) }
            case .binary(_, let left, let right):
                left.collect(into: &result)
                right.collect(into: &result)
            case .not(let operand), .negative(let operand), .exists(let operand), .absent(let operand):
                operand.collect(into: &result)
            }
        }
    }

    /// Operators between two operands in a span filter.
    package enum BinaryOperator: String, Equatable, Sendable {
        case and = "&&"
        case or = "||"
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case matches = "=~"
        case matchesNot = "!~"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
        case modulo = "%"
        case power = "^"

        package var isEquality: Bool { self == .equal || self == .notEqual }
        package var isOrdering: Bool { [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(self) }
        var isPattern: Bool { self == .matches || self == .matchesNot }
        var isArithmetic: Bool { [.plus, .minus, .times, .divided, .modulo, .power].contains(self) }
        var isLogical: Bool { self == .and || self == .or }

        /// `&&` and `||` have the same precedence, as in Tempo: use parentheses.
        var precedence: Int {
            switch self {
            case .and, .or: 1
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .matches, .matchesNot: 2
            case .plus, .minus: 3
            case .times, .divided, .modulo: 5
            case .power: 6
            }
        }

        /// The precedence of a leading `!`.
        static let notPrecedence = 4
    }
}
