import RegularExpressions
import Vocabulary

extension TraceQL.Query {
    /// Rejects queries that can never be evaluated, before any span is read.
    func validate() throws(TraceQL.QueryError) {
        // Done first, because each expression is compiled again where it is used; invalid ones are reported there.
        var size = 0
        for pattern in Set(expressions.flatMap(\.patterns)) {
            size += (try? RegularExpression(pattern))?.size ?? 0
            guard size <= Self.maximumExpressionSize else {
                throw .init(message: "invalid regex: the expressions of the query are too large")
            }
        }
        for stage in stages { try stage.validate() }
    }

    /// The maximum number of instructions in all regular expressions together.
    private static var maximumExpressionSize: Int { 200_000 }
}

extension TraceQL.Stage {
    fileprivate func validate() throws(TraceQL.QueryError) {
        switch self {
        case .spanset(let spanset): try spanset.validate()
        case .filter(let aggregate, let operation, let value):
            guard let operand = aggregate.operand else { return }
            let type = try operand.validatedType()
            guard type == .any || type.isNumeric else {
                throw .init(message: "aggregate field expressions must resolve to a number type: \(aggregate)")
            }
            guard !operand.fields.isEmpty else {
                throw .init(message: "aggregate field expressions must reference the span: \(aggregate)")
            }
            guard type.matches(value.type) else {
                throw .init(
                    message: "binary operations must operate on the same type: "
                        + "\(aggregate) \(operation.rawValue) \(value.queryText)")
            }
        case .group(let expression):
            guard !expression.fields.isEmpty else {
                throw .init(message: "grouping field expressions must reference the span: by(\(expression))")
            }
            _ = try expression.validatedType()
        case .coalesce, .select: break
        }
    }
}

extension TraceQL.Spanset {
    fileprivate func validate() throws(TraceQL.QueryError) {
        switch self {
        case .filter(let expression):
            let type = try expression.validatedType()
            guard type == .any || type == .bool else {
                throw .init(message: "span filter field expressions must resolve to a boolean: { \(expression) }")
            }
        case .combined(_, let left, let right):
            try left.validate()
            try right.validate()
        case .pipeline(let stages):
            for stage in stages { try stage.validate() }
        }
    }
}

extension TraceQL.Expression {
    /// The type of the result, validated recursively.
    fileprivate func validatedType() throws(TraceQL.QueryError) -> TraceQL.ValueType {
        switch self {
        case .literal(.missing):
            throw .init(message: "syntax error: unexpected nil, expected it only beside = or !=")
        case .literal(let value): return value.type
        case .field(let field): return field.type
        case .binary(let operation, let left, let right):
            return try Self.type(of: operation, left, right)
        case .not(let operand):
            let type = try operand.validatedType()
            guard type == .any || type == .bool else { throw illegal }
            return .bool
        case .negative(let operand):
            let type = try operand.validatedType()
            guard type == .any || type.isNumeric else { throw illegal }
            return type
        case .exists(let operand):
            _ = try operand.validatedType()
            return .bool
        case .absent(let operand):
            _ = try operand.validatedType()
            if case .field(.intrinsic) = operand {
                throw .init(message: "\(self) is not valid because intrinsics cannot be nil")
            }
            if operand == .field(.attribute(.resource, Attribute.serviceName)) {
                throw .init(message: "\(self) is not valid because resource.service.name cannot be nil")
            }
            return .bool
        }
    }

    private static func type(
        of operation: TraceQL.BinaryOperator, _ left: Self, _ right: Self
    )
        throws(TraceQL.QueryError) -> TraceQL.ValueType
    {
        let whole = Self.binary(operation, left, right)
        let (leftType, rightType) = (try left.validatedType(), try right.validatedType())
        guard leftType.matches(rightType) else {
            throw .init(message: "binary operations must operate on the same type: \(whole)")
        }
        guard leftType.allows(operation), rightType.allows(operation) else {
            throw .init(message: "illegal operation for the given types: \(whole)")
        }
        if operation.isPattern {
            guard case .literal(.string(let pattern)) = right else {
                throw .init(message: "invalid type for \(operation.rawValue): \(right), expected a text in quotes")
            }
            do { _ = try RegularExpression(pattern) } catch {
                throw .init(message: "invalid regex: \(right.description): \(error)")
            }
        }
        guard operation.isArithmetic else { return .bool }
        return leftType == .any ? rightType : leftType
    }

    private var illegal: TraceQL.QueryError { .init(message: "illegal operation for the given type: \(self)") }
}

extension TraceQL.QueryError {
    fileprivate init(message: String) { self.init(position: nil, message: message) }
}
