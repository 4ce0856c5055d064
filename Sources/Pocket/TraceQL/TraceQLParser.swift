extension TraceQL {
    /// Parses tokens by recursive descent, expressions by precedence climbing.
    struct Parser {
        let tokens: [Token]
        private(set) var index = 0
        private var depth = 0
        /// Whether all operands of the last parsed spanset are in parentheses.
        private var lastSpansetWasWrapped = false

        /// Limits on the length and depth of a query: expressions are evaluated recursively.
        private static let maximumTokens = 1000
        private static let maximumDepth = 50

        init(tokens: [Token]) throws(QueryError) {
            self.tokens = tokens
            guard tokens.count <= Self.maximumTokens else {
                throw QueryError(
                    position: tokens[Self.maximumTokens].position,
                    message: "the query is longer than \(Self.maximumTokens) words and signs")
            }
        }

        /// Counts a level of parentheses, signs or stages while `body` parses its content.
        mutating func nested<T>(_ body: (inout Parser) throws(QueryError) -> T) throws(QueryError) -> T {
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.maximumDepth else {
                throw QueryError(position: token.position, message: "nested deeper than \(Self.maximumDepth) levels")
            }
            return try body(&self)
        }

        var token: Token { tokens[index] }

        mutating func advance() { if index < tokens.count - 1 { index += 1 } }

        func isSymbol(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

        /// Skips `symbol` if it comes next; returns whether it did.
        mutating func take(_ symbol: String) -> Bool {
            guard isSymbol(symbol) else { return false }
            advance()
            return true
        }

        mutating func expect(_ symbol: String) throws(QueryError) {
            guard take(symbol) else { throw unexpected("expected \(symbol)") }
        }

        func unexpected(_ expectation: String) -> QueryError {
            QueryError(
                position: token.position, message: "syntax error: unexpected \(token.description), \(expectation)")
        }

        mutating func parseQuery() throws(QueryError) -> Query {
            if token.kind == .end { throw unexpected("expected a filter such as { status = error }") }
            var query = Query(stages: [try parseFirstStage()])
            while query.metrics == nil, take("|") {
                if let function = metricsFunction {
                    query.metrics = try parseMetrics(function)
                } else {
                    query.stages.append(try parseStage())
                }
            }
            if token.kind == .word("with") {
                let exemplars = try parseHints()
                query.metrics?.exemplars = exemplars
            }
            guard token.kind == .end else { throw unexpected("expected |, && or the end") }
            return query
        }

        mutating func parseSingleField() throws(QueryError) -> Field {
            let field = try parseField()
            guard token.kind == .end else { throw unexpected("expected the end") }
            return field
        }

        mutating func parseField() throws(QueryError) -> Field {
            switch token.kind {
            case .field(let field):
                advance()
                return field
            case .word(let word):
                guard let intrinsic = Intrinsic.named(word) else { throw unknown(word) }
                advance()
                return .intrinsic(intrinsic)
            default: throw unexpected("expected a field such as resource.service.name or status")
            }
        }

        func unknown(_ word: String) -> QueryError {
            if ["nestedSetLeft", "nestedSetRight", "nestedSetParent", "parent"].contains(word) {
                return TraceQL.unsupported(word)
            }
            return QueryError(position: token.position, message: "unknown identifier: \(word)")
        }

        // MARK: Expressions

        mutating func parseExpression(above minimum: Int = 0) throws(QueryError) -> Expression {
            var left = try parseOperand()
            while case .symbol(let symbol) = token.kind, let operation = BinaryOperator(rawValue: symbol),
                operation.precedence > minimum
            {
                advance()
                // Only `^` is right-associative.
                let bound = operation.precedence - (operation == .power ? 1 : 0)
                let right = try nested { (parser) throws(QueryError) in try parser.parseExpression(above: bound) }
                left = Self.combine(operation, left, right)
            }
            return left
        }

        private static func combine(_ operation: BinaryOperator, _ left: Expression, _ right: Expression) -> Expression
        {
            let missing = Expression.literal(.missing)
            switch operation {
            case .equal where left == missing && right == missing, .notEqual where left == missing && right == missing:
                return .literal(.bool(false))
            case .equal where right == missing: return .absent(left)
            case .equal where left == missing: return .absent(right)
            case .notEqual where right == missing: return .exists(left)
            case .notEqual where left == missing: return .exists(right)
            default: return .binary(operation, left, right)
            }
        }

        mutating func parseOperand() throws(QueryError) -> Expression {
            switch token.kind {
            case .literal(let value):
                advance()
                return .literal(value)
            case .symbol("("):
                advance()
                let inner = try nested { (parser) throws(QueryError) in try parser.parseExpression() }
                try expect(")")
                return inner
            case .symbol("-"):
                advance()
                let operand = try nested { (parser) throws(QueryError) in
                    try parser.parseExpression(above: BinaryOperator.minus.precedence)
                }
                switch operand {
                case .literal(.integer(let value)): return .literal(.integer(0 &- value))
                case .literal(.double(let value)): return .literal(.double(-value))
                case .literal(.duration(let value)): return .literal(.duration(0 &- value))
                default: return .negative(operand)
                }
            case .symbol("!"):
                advance()
                return .not(
                    try nested { (parser) throws(QueryError) in
                        try parser.parseExpression(above: BinaryOperator.notPrecedence)
                    })
            case .word(let word):
                if let value = Self.keywords[word] {
                    advance()
                    return .literal(value)
                }
                return .field(try parseField())
            case .field: return .field(try parseField())
            default: throw unexpected("expected a field or a value")
            }
        }

        private static let keywords: [String: Value] = {
            var words: [String: Value] = [
                "true": .bool(true), "false": .bool(false), "nil": .missing, "minInt": .integer(.min),
                "maxInt": .integer(.max),
            ]
            for status in Status.allCases { words[status.name] = .status(status) }
            for kind in Kind.allCases { words[kind.name] = .kind(kind) }
            return words
        }()

        // MARK: Pipelines

        private mutating func parsePipeline() throws(QueryError) -> [Stage] {
            var stages = [try parseFirstStage()]
            while take("|") { stages.append(try parseStage()) }
            return stages
        }

        /// The first stage of a pipeline. Pipelines in parentheses must be the only stage: nothing can be piped out of
        /// them.
        private mutating func parseFirstStage() throws(QueryError) -> Stage {
            if token.kind == .word("coalesce") { throw unexpected("expected coalesce() only after |") }
            let stage = try parseStage(isFirst: true)
            if case .spanset(let spanset) = stage, spanset.hasPipeline, isSymbol("|") {
                throw unexpected("expected the end, for pipelines in parentheses come before")
            }
            return stage
        }

        private mutating func parseStage(isFirst: Bool = false) throws(QueryError) -> Stage {
            if beginsScalar { return try parseScalarFilter() }
            guard case .word(let word) = token.kind else {
                let start = token
                let spanset = try parseSpanset()
                guard isFirst || !spanset.hasPipeline else {
                    throw QueryError(
                        position: start.position, message: "syntax error: a pipeline in parentheses cannot follow |")
                }
                return .spanset(spanset)
            }
            switch word {
            case "by":
                try advanceIntoParentheses()
                let expression = try parseExpression()
                try expect(")")
                return .group(expression)
            case "coalesce":
                try advanceIntoParentheses()
                try expect(")")
                return .coalesce
            case "select":
                try advanceIntoParentheses()
                var fields = [try parseField()]
                while take(",") { fields.append(try parseField()) }
                try expect(")")
                return .select(fields)
            case "compare": throw TraceQL.unsupported("| compare()")
            case "topk", "bottomk":
                throw unexpected("expected a metrics function such as rate() before \(word)")
            case _ where Metrics.Function(rawValue: word) != nil:
                throw unexpected("expected metrics only after | at the end of a query")
            default: throw unexpected("expected a filter such as { status = error }")
            }
        }

        mutating func advanceIntoParentheses() throws(QueryError) {
            advance()
            try expect("(")
        }

        private mutating func parseSpanset(above minimum: Int = 0) throws(QueryError) -> Spanset {
            var left = try parseSpansetOperand()
            var allWrapped = lastSpansetWasWrapped
            while case .symbol(let symbol) = token.kind, let operation = Self.spansetOperators[symbol] {
                let precedence = operation == .and || operation == .or ? 1 : 2
                guard precedence > minimum else { break }
                advance()
                let start = token
                let right = try parseSpanset(above: precedence)
                guard left.hasPipeline == right.hasPipeline || allWrapped && lastSpansetWasWrapped else {
                    throw QueryError(
                        position: start.position,
                        message: "syntax error: beside a pipeline in parentheses filters need parentheses, too")
                }
                allWrapped = allWrapped && lastSpansetWasWrapped
                left = .combined(operation, left, right)
            }
            lastSpansetWasWrapped = allWrapped
            return left
        }

        private static let spansetOperators: [String: SpansetOperator] = {
            var operators: [String: SpansetOperator] = ["&&": .and, "||": .or]
            for relation: SpansetOperator.Relation in [.child, .descendant, .parent, .ancestor, .sibling] {
                operators[relation.rawValue] = .related(relation, .matching)
                operators["!" + relation.rawValue] = .related(relation, .negated)
                operators["&" + relation.rawValue] = .related(relation, .union)
            }
            return operators
        }()

        private mutating func parseSpansetOperand() throws(QueryError) -> Spanset {
            if take("(") {
                let stages = try nested { (parser) throws(QueryError) in try parser.parsePipeline() }
                try expect(")")
                lastSpansetWasWrapped = true
                if stages.count == 1, case .spanset(let spanset) = stages[0] { return spanset }
                return .pipeline(stages)
            }
            guard take("{") else { throw unexpected("expected a filter such as { status = error }") }
            defer { lastSpansetWasWrapped = false }
            if take("}") { return .filter(.literal(.bool(true))) }
            let expression = try parseExpression()
            guard take("}") else { throw unexpected("expected an operator or }") }
            return .filter(expression)
        }
    }
}
