extension TraceQL.Parser {
    /// One side of a numeric comparison: `count()`, `avg(duration)`, `2`, `100ms`, each also in parentheses.
    private enum Scalar {
        case aggregate(TraceQL.Aggregate)
        case literal(TraceQL.Value)
    }

    /// Whether a scalar comes next: after any opening parentheses there is a function or a number, which cannot begin a
    /// spanset.
    var beginsScalar: Bool {
        var place = index
        while tokens[place].kind == .symbol("("), place < tokens.count - 1 { place += 1 }
        switch tokens[place].kind {
        case .word(let word): return isAggregateFilter(at: place, word)
        case .literal(let value): return value.type.isNumeric
        case .symbol("-"): return true
        default: return false
        }
    }

    /// In parentheses, `(count() > 1)` is a pipeline, but `(count()) > 1` a scalar: the token after the aggregate
    /// decides.
    private func isAggregateFilter(at place: Int, _ word: String) -> Bool {
        guard TraceQL.Aggregate.Function(rawValue: word) != nil else { return false }
        guard place > index else { return true }
        var depth = 0
        for token in tokens[(place + 1)...] {
            if token.kind == .symbol("(") { depth += 1 }
            if token.kind == .symbol(")") { depth -= 1 }
            if depth == index - place { return true }
            if depth <= 0, token.kind != .symbol(")") { return false }
        }
        return false
    }

    /// An aggregate compared with a number. Tempo's grammar allows more, but Tempo rejects it too.
    mutating func parseScalarFilter() throws(TraceQL.QueryError) -> TraceQL.Stage {
        let left = try parseScalar()
        guard case .symbol(let symbol) = token.kind, let operation = TraceQL.BinaryOperator(rawValue: symbol) else {
            throw unexpected("expected a comparison such as > 2")
        }
        if operation.isArithmetic { throw TraceQL.unsupported("arithmetic with \(symbol) between aggregates") }
        guard operation.isOrdering || operation.isEquality else {
            throw unexpected("expected a comparison such as > 2")
        }
        advance()
        let right = try parseScalar()
        if case .symbol(let symbol) = token.kind, TraceQL.BinaryOperator(rawValue: symbol)?.isArithmetic ?? false {
            throw TraceQL.unsupported("arithmetic with \(symbol) between aggregates")
        }
        guard case .aggregate(let aggregate) = left else {
            throw TraceQL.unsupported("a comparison that does not begin with an aggregate such as count()")
        }
        guard case .literal(let value) = right else {
            throw TraceQL.unsupported("a comparison of an aggregate with anything but a number")
        }
        return .filter(aggregate, operation, value)
    }

    private mutating func parseScalar() throws(TraceQL.QueryError) -> Scalar {
        if take("(") {
            let inner = try nested { (parser) throws(TraceQL.QueryError) in try parser.parseScalar() }
            try expect(")")
            return inner
        }
        if case .word(let word) = token.kind, let function = TraceQL.Aggregate.Function(rawValue: word) {
            try advanceIntoParentheses()
            let operand = function == .count ? nil : try parseExpression()
            try expect(")")
            return .aggregate(TraceQL.Aggregate(function: function, operand: operand))
        }
        let start = token
        guard case .literal(let value) = try parseOperand(), value.type.isNumeric else {
            throw TraceQL.QueryError(
                position: start.position,
                message: "syntax error: unexpected \(start.description), expected a number or a duration")
        }
        return .literal(value)
    }
}
