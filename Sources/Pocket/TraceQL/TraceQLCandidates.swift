extension TraceQL.Query {
    /// A filter that matches at least one span of every trace that the query finds, for a scan over all spans.
    package var candidates: TraceQL.Expression {
        guard case .spanset(let spanset)? = stages.first else { return .literal(.bool(true)) }
        return spanset.candidates
    }
}

extension TraceQL.Spanset {
    fileprivate var candidates: TraceQL.Expression {
        switch self {
        case .filter(let expression): expression.relaxed
        case .pipeline(let stages): TraceQL.Query(stages: stages).candidates
        case .combined(.or, let left, let right): .binary(.or, left.candidates, right.candidates)
        case .combined(.and, let left, _): left.candidates
        case .combined(.related, _, let right): right.candidates
        }
    }
}

extension TraceQL.Expression {
    /// The expression with `true` in place of everything that depends on the whole trace.
    fileprivate var relaxed: TraceQL.Expression {
        guard fields.contains(where: \.isOfTrace) else { return self }
        if case .binary(let operation, let left, let right) = self, operation.isLogical {
            return .binary(operation, left.relaxed, right.relaxed)
        }
        return .literal(.bool(true))
    }
}
