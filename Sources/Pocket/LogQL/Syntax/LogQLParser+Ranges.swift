import QuerySupport

extension LogQLParser {
    /// Parses `count_over_time({…} | … [5m] offset 1h)` and similar functions, starting after the function's name.
    mutating func parseRange(_ function: RangeFunction) throws(LogQLError) -> RangeAggregation {
        advance()
        try expect("(")
        let parameter = try parseParameter(of: function)
        let isWrapped = accept("(")
        var pipeline = LogPipeline(matchers: try parseMatchers(), stages: [])
        var unwrap: Unwrap?
        var window: Int64?
        // The range may precede or follow the stages.
        while true {
            if case .range(let value) = token.kind, window == nil {
                window = value
                advance()
                if unwrap != nil { break }
            } else if startsUnwrap {
                unwrap = try parseUnwrap()
                if window != nil { break }
            } else if startsStage, unwrap == nil {
                pipeline.stages.append(try parseStage())
            } else {
                break
            }
        }
        if isWrapped { try expect(")") }
        if isWrapped, window == nil, case .range(let value) = token.kind {
            window = value
            advance()
        }
        guard let window else { throw unexpected() }
        let offset = try parseOffset()
        try expect(")", saying: true)
        let grouping = try parseGrouping()
        try Self.validate(pipeline.matchers)
        let aggregation = RangeAggregation(
            function: function, parameter: parameter, pipeline: pipeline, unwrap: unwrap, window: window,
            offset: offset, grouping: grouping)
        try Self.validate(aggregation)
        return aggregation
    }

    private mutating func parseParameter(of function: RangeFunction) throws(LogQLError) -> Double? {
        guard token.kind == .number || token.isSymbol("-") else { return nil }
        let text = token.text
        let value = try parseNumber()
        guard function == .quantileOverTime else {
            throw .invalid("parameter \(text) not supported for operation \(function.rawValue)")
        }
        try expect(",", saying: true)
        return value
    }

    private var startsUnwrap: Bool { token.isSymbol("|") && following.isSymbol("unwrap") }

    private mutating func parseUnwrap() throws(LogQLError) -> Unwrap {
        advance()
        advance()
        var unwrap = Unwrap(label: "", conversion: .number)
        if token.kind == .function {
            switch token.text {
            case "bytes": unwrap.conversion = .bytes
            case "duration", "duration_seconds": unwrap.conversion = .duration
            default: throw unexpected("IDENTIFIER", "bytes(", "duration(", "duration_seconds(")
            }
            advance()
            try expect("(")
            unwrap.label = try parseName()
            try expect(")")
        } else {
            unwrap.label = try parseName()
        }
        while token.isSymbol("|") {
            advance()
            guard token.kind == .identifier || token.isSymbol("(") else { throw unexpected("IDENTIFIER", "(") }
            unwrap.filters.append(try parseLabelFilters())
        }
        return unwrap
    }

    private mutating func parseName() throws(LogQLError) -> String {
        guard token.mayBeName else { throw unexpected("IDENTIFIER") }
        defer { advance() }
        return token.text
    }

    private mutating func parseOffset() throws(LogQLError) -> Int64 {
        guard accept("offset") else { return 0 }
        guard case .duration(let offset) = token.kind else { throw unexpected("DURATION") }
        advance()
        return offset
    }

    private static func validate(_ aggregation: RangeAggregation) throws(LogQLError) {
        let function = aggregation.function
        if function.operand == .unwrapped, aggregation.unwrap == nil {
            throw .invalid("invalid aggregation \(function.rawValue) without unwrap")
        }
        if function.operand == .lines, aggregation.unwrap != nil {
            throw .invalid("invalid aggregation \(function.rawValue) with unwrap")
        }
        if aggregation.grouping != nil, !function.mayBeGrouped {
            throw .invalid("grouping not allowed for \(function.rawValue) aggregation")
        }
        if function == .quantileOverTime, aggregation.parameter == nil {
            throw .invalid("parameter required for operation \(function.rawValue)")
        }
    }

    // MARK: Operators

    /// Parses the modifiers of an operator: `bool`, `on (…)`, `ignoring (…)`, `group_left (…)`, `group_right (…)`.
    mutating func parseMatching(of operation: BinaryOperator) throws(LogQLError) -> VectorMatching {
        var matching = VectorMatching()
        matching.returnsBool = accept("bool")
        guard token.isSymbol("on") || token.isSymbol("ignoring") else { return matching }
        let isWithout = token.isSymbol("ignoring")
        advance()
        matching.labels = Grouping(isWithout: isWithout, labels: try parseNames())
        guard token.isSymbol("group_left") || token.isSymbol("group_right") else { return matching }
        guard !operation.isSetOperator else {
            throw .invalid("no grouping allowed for \"\(operation.rawValue)\" operation")
        }
        matching.many = token.isSymbol("group_left") ? .left : .right
        advance()
        if token.isSymbol("(") { matching.included = try parseNames() }
        return matching
    }

    private mutating func parseNames() throws(LogQLError) -> [String] {
        try expect("(", saying: true)
        var names: [String] = []
        if accept(")") { return names }
        while true {
            names.append(try parseName())
            if accept(")") { return names }
            guard accept(",") else { throw unexpected(",", ")") }
        }
    }

    /// Set operators combine series; numbers are not allowed.
    func refuseLiterals(
        _ operation: BinaryOperator, _ left: MetricExpression, _ right: MetricExpression
    ) throws(LogQLError) {
        guard operation.isSetOperator else { return }
        for (side, expression) in [("left", left), ("right", right)] {
            guard case .literal(let value) = expression else { continue }
            throw .invalid(
                "unexpected literal for \(side) leg of logical/set binary operation (\(operation.rawValue)): "
                    + FloatFormat.string(value))
        }
    }
}
