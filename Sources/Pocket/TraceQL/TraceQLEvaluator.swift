import Glibc
import QuerySupport
import RegularExpressions

extension TraceQL {
    /// Evaluates expressions over spans whose fields have been read into values.
    ///
    /// A comparison with a missing attribute or between incompatible types is false, also `!=`: a filter finds the
    /// spans with another value, not those without one. A list matches if one of its elements does, for `!=` and `!~`
    /// if all do.
    package struct Evaluator {
        /// The fields whose values a span must provide, in this order.
        package let fields: [Field]
        private let places: [Field: Int]
        private let patterns: [String: RegexMatcher]
        private let budget: QueryBudget?

        /// - Parameter budget: charged for each step, `nil` for no limit. Once it is spent results are wrong: the
        ///   caller must check
        ///   it.
        /// - Throws: an error for a pattern that is not a regular expression.
        package init(fields: [Field], expressions: [Expression], budget: QueryBudget? = nil) throws {
            self.fields = fields
            self.budget = budget
            places = Dictionary(zip(fields, fields.indices), uniquingKeysWith: { first, _ in first })
            var patterns: [String: RegexMatcher] = [:]
            for pattern in expressions.flatMap(\.patterns) where patterns[pattern] == nil {
                patterns[pattern] = RegexMatcher(
                    try RegularExpression(pattern), anchored: true, meter: budget)
            }
            self.patterns = patterns
        }

        /// The value of `expression` for a span with `values`, one for each of ``fields``.
        package func evaluate(_ expression: Expression, _ values: [Value]) -> Value {
            guard budget?.spend(1) ?? true else { return .missing }
            switch expression {
            case .literal(let value): return value
            case .field(let field): return places[field].map { values[$0] } ?? .missing
            case .not(let operand):
                guard case .bool(let value) = evaluate(operand, values) else { return .bool(false) }
                return .bool(!value)
            case .negative(let operand): return Self.negated(evaluate(operand, values))
            case .exists(let operand): return .bool(evaluate(operand, values) != .missing)
            case .absent(let operand): return .bool(evaluate(operand, values) == .missing)
            case .binary(.and, let left, let right):
                return .bool(evaluate(left, values).isTrue && evaluate(right, values).isTrue)
            case .binary(.or, let left, let right):
                return .bool(evaluate(left, values).isTrue || evaluate(right, values).isTrue)
            case .binary(let operation, let left, let right):
                let (left, right) = (evaluate(left, values), evaluate(right, values))
                if operation.isArithmetic { return Self.calculate(operation, left, right) }
                return .bool(compare(operation, left, right))
            }
        }

        private func compare(_ operation: BinaryOperator, _ left: Value, _ right: Value) -> Bool {
            if case .list(let elements) = left, let budget, !budget.spend(elements.count) { return false }
            return switch (left, right) {
            case (.list(let elements), _):
                operation == .notEqual || operation == .matchesNot
                    ? elements.allSatisfy { compareOne(operation, $0, right) }
                    : elements.contains { compareOne(operation, $0, right) }
            case (_, .list(let elements)):
                operation == .notEqual
                    ? elements.allSatisfy { compareOne(operation, left, $0) }
                    : elements.contains { compareOne(operation, left, $0) }
            default: compareOne(operation, left, right)
            }
        }

        private func compareOne(_ operation: BinaryOperator, _ left: Value, _ right: Value) -> Bool {
            switch (left, right) {
            case (.string(let left), .string(let right)):
                if operation.isPattern {
                    return patterns[right].map { $0.matches(left) == (operation == .matches) } ?? false
                }
                return Self.holds(operation, left, right)
            case (.integer(let left), .integer(let right)), (.duration(let left), .duration(let right)):
                return Self.holds(operation, left, right)
            case (.bool(let left), .bool(let right)):
                return operation.isEquality && (left == right) == (operation == .equal)
            case (.status(let left), .status(let right)):
                return operation.isEquality && (left == right) == (operation == .equal)
            case (.kind(let left), .kind(let right)):
                return operation.isEquality && (left == right) == (operation == .equal)
            default:
                guard let left = left.number, let right = right.number else { return false }
                return Self.holds(operation, left, right)
            }
        }

        /// Whether `left operation right`.
        package static func holds<T: Comparable>(_ operation: BinaryOperator, _ left: T, _ right: T) -> Bool {
            switch operation {
            case .equal: left == right
            case .notEqual: left != right
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            default: false
            }
        }

        private static func negated(_ value: Value) -> Value {
            switch value {
            case .integer(let value): .integer(0 &- value)
            case .double(let value): .double(-value)
            case .duration(let value): .duration(0 &- value)
            default: .missing
            }
        }

        private static func calculate(_ operation: BinaryOperator, _ left: Value, _ right: Value) -> Value {
            if case .integer(let left) = left, case .integer(let right) = right,
                let result = calculate(operation, left, right)
            {
                return .integer(result)
            }
            guard let leftNumber = left.number, let rightNumber = right.number else { return .missing }
            let result: Double
            switch operation {
            case .plus: result = leftNumber + rightNumber
            case .minus: result = leftNumber - rightNumber
            case .times: result = leftNumber * rightNumber
            case .divided: result = leftNumber / rightNumber
            case .modulo: result = fmod(leftNumber, rightNumber)
            case .power: result = pow(leftNumber, rightNumber)
            default: return .missing
            }
            return .double(result)
        }

        /// `nil` where integer arithmetic fails: division by zero, overflow, powers.
        private static func calculate(_ operation: BinaryOperator, _ left: Int64, _ right: Int64) -> Int64? {
            let (result, overflow): (Int64, Bool)
            switch operation {
            case .plus: (result, overflow) = left.addingReportingOverflow(right)
            case .minus: (result, overflow) = left.subtractingReportingOverflow(right)
            case .times: (result, overflow) = left.multipliedReportingOverflow(by: right)
            case .divided: (result, overflow) = left.dividedReportingOverflow(by: right)
            case .modulo: (result, overflow) = left.remainderReportingOverflow(dividingBy: right)
            default: return nil
            }
            return overflow ? nil : result
        }
    }
}

extension TraceQL.Expression {
    /// The regular expressions in it.
    var patterns: [String] {
        switch self {
        case .literal, .field: []
        case .not(let operand), .negative(let operand), .exists(let operand), .absent(let operand): operand.patterns
        case .binary(let operation, _, .literal(.string(let pattern))) where operation.isPattern: [pattern]
        case .binary(_, let left, let right): left.patterns + right.patterns
        }
    }
}

extension TraceQL.Query {
    /// All expressions that are evaluated for a span.
    package var expressions: [TraceQL.Expression] { stages.flatMap(\.expressions) }
}

extension TraceQL.Stage {
    fileprivate var expressions: [TraceQL.Expression] {
        switch self {
        case .spanset(let spanset): spanset.expressions
        case .filter(let aggregate, _, _): aggregate.operand.map { [$0] } ?? []
        case .group(let expression): [expression]
        case .coalesce, .select: []
        }
    }
}

extension TraceQL.Spanset {
    fileprivate var expressions: [TraceQL.Expression] {
        switch self {
        case .filter(let expression): [expression]
        case .combined(_, let left, let right): left.expressions + right.expressions
        case .pipeline(let stages): stages.flatMap(\.expressions)
        }
    }
}
