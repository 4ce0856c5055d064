extension TraceQL.Parser {
    /// The metrics function at the current token, if any.
    var metricsFunction: TraceQL.Metrics.Function? {
        guard case .word(let word) = token.kind else { return nil }
        return TraceQL.Metrics.Function(rawValue: word)
    }

    /// Parses `rate() by (name) > 1 | topk(3)` and similar, starting after the function's name.
    mutating func parseMetrics(_ function: TraceQL.Metrics.Function) throws(TraceQL.QueryError) -> TraceQL.Metrics {
        var metrics = TraceQL.Metrics(function: function)
        advance()
        try expect("(")
        if function.takesField { metrics.field = try parseField() }
        if function == .quantile {
            guard isSymbol(",") else { throw unexpected("expected , and a quantile such as .9") }
            while take(",") { metrics.quantiles.append(try parseQuantile()) }
        }
        try expect(")")
        if token.kind == .word("by") { metrics.groups = try parseGroups(of: function) }
        metrics.secondStages = try parseSecondStages()
        return metrics
    }

    private mutating func parseQuantile() throws(TraceQL.QueryError) -> Double {
        let start = token
        let quantile = try parseNumber()
        guard (0...1).contains(quantile) else {
            throw TraceQL.QueryError(
                position: start.position, message: "quantile must be between 0 and 1: \(TraceQL.text(of: quantile))")
        }
        return quantile
    }

    private mutating func parseNumber() throws(TraceQL.QueryError) -> Double {
        let sign: Double = take("-") ? -1 : 1
        switch token.kind {
        case .literal(.integer(let value)):
            advance()
            return sign * Double(value)
        case .literal(.double(let value)):
            advance()
            return sign * value
        // In metrics queries durations are always in seconds.
        case .literal(.duration(let value)):
            advance()
            return sign * Double(value) / 1e9
        default: throw unexpected("expected a number")
        }
    }

    private mutating func parseGroups(
        of function: TraceQL.Metrics.Function
    )
        throws(TraceQL.QueryError) -> [TraceQL.Field]
    {
        let start = token
        advance()
        try expect("(")
        var groups = [try parseField()]
        while take(",") { groups.append(try parseField()) }
        try expect(")")
        let limit = TraceQL.Metrics.maximumGroups - (function.countsBuckets ? 1 : 0)
        guard groups.count <= limit else {
            throw TraceQL.QueryError(
                position: start.position,
                message: "metrics group by \(groups.count) values: \(function.rawValue) groups by \(limit) at most")
        }
        return groups
    }

    private mutating func parseSecondStages() throws(TraceQL.QueryError) -> [TraceQL.Metrics.SecondStage] {
        var stages: [TraceQL.Metrics.SecondStage] = []
        while true {
            if case .symbol(let symbol) = token.kind, let operation = TraceQL.BinaryOperator(rawValue: symbol),
                operation.isOrdering || operation.isEquality
            {
                advance()
                stages.append(.filter(operation, try parseNumber()))
            } else if take("|") {
                stages.append(try parseRank())
            } else {
                return stages
            }
        }
    }

    private mutating func parseRank() throws(TraceQL.QueryError) -> TraceQL.Metrics.SecondStage {
        guard case .word(let word) = token.kind, word == "topk" || word == "bottomk" else {
            throw unexpected("expected topk or bottomk")
        }
        advance()
        try expect("(")
        guard case .literal(.integer(let limit)) = token.kind else { throw unexpected("expected a whole number") }
        guard limit > 0 else {
            throw TraceQL.QueryError(
                position: token.position, message: "limit must be greater than 0: \(word)(\(limit))")
        }
        advance()
        try expect(")")
        return .rank(largest: word == "topk", Int(clamping: limit))
    }

    /// Parses `with(most_recent=true)` and similar. Hints control how to search, which does not change the results
    /// here; only the number of exemplars has an effect.
    mutating func parseHints() throws(TraceQL.QueryError) -> TraceQL.Metrics.Exemplars? {
        var exemplars: TraceQL.Metrics.Exemplars?
        advance()
        try expect("(")
        repeat {
            guard case .word(let name) = token.kind else { throw unexpected("expected the name of a hint") }
            advance()
            try expect("=")
            let value = try parseExpression()
            guard case .literal(let literal) = value else { throw unexpected("expected a value before this") }
            switch literal {
            case .bool(let flag) where name == "exemplars": exemplars = .some(flag)
            case .integer(let count) where name == "exemplars": exemplars = .count(Int(clamping: max(0, count)))
            default: break
            }
        } while take(",")
        try expect(")")
        return exemplars
    }
}
