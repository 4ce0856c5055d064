import RegularExpressions

/// Parses LogQL by recursive descent.
package struct LogQLParser {
    private let tokens: [LogQLToken]
    private var index = 0
    private var depth = 0
    private var operatorCount = 0
    /// The maximum number of operators: evaluation is recursive.
    private static let maximumOperators = 250
    /// The maximum length of a query in bytes, as in Loki.
    private static let maximumSize = 131_072
    /// The maximum number of stages, filters and names: they run recursively.
    private static let maximumParts = 500
    private var partCount = 0
    /// The maximum number of instructions in all regular expressions together.
    private static let maximumExpressionSize = 200_000
    private var expressionSize = 0

    private init(_ query: String) throws(LogQLError) {
        guard query.utf8.count <= Self.maximumSize else {
            throw .invalid("input size too long (\(query.utf8.count) > \(Self.maximumSize))")
        }
        tokens = try LogQLLexer.tokens(of: query)
    }

    /// - Throws: ``LogQLError`` with the position of the syntax error, or with what the pocket stack does not support.
    package static func parse(_ query: String) throws(LogQLError) -> LogQLQuery {
        var parser = try LogQLParser(query)
        // For an empty query Loki reports no position.
        if parser.tokens.count == 1 { throw .invalid("syntax error: unexpected $end") }
        let result = try parser.parseExpression(0)
        guard parser.token.kind == .end else { throw parser.unexpected() }
        return result
    }

    /// Parses a bare selector, such as `{service="gateway"}`.
    package static func parseSelector(_ text: String) throws(LogQLError) -> [LabelMatcher] {
        var parser = try LogQLParser(text)
        let matchers = try parser.parseMatchers()
        guard parser.token.kind == .end else { throw parser.unexpected() }
        try validate(matchers)
        return matchers
    }

    var token: LogQLToken { tokens[index] }
    /// The token after this one.
    var following: LogQLToken { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() { if index < tokens.count - 1 { index += 1 } }

    mutating func accept(_ symbol: String) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        advance()
        return true
    }

    func unexpected(_ expected: String...) -> LogQLError {
        let expecting = expected.isEmpty ? "" : ", expecting " + expected.joined(separator: " or ")
        return .syntax(
            line: token.line, column: token.column, message: "syntax error: unexpected \(token.display)\(expecting)")
    }

    mutating func expect(_ symbol: String, saying: Bool = false) throws(LogQLError) {
        guard accept(symbol) else { throw saying ? unexpected(symbol) : unexpected() }
    }

    mutating func expectString(_ expected: String...) throws(LogQLError) -> String {
        guard token.kind == .string else {
            throw .syntax(
                line: token.line, column: token.column,
                message: "syntax error: unexpected \(token.display), expecting "
                    + expected.joined(separator: " or "))
        }
        defer { advance() }
        return token.text
    }

    /// Counts a stage or a label filter.
    mutating func countPart() throws(LogQLError) {
        partCount += 1
        guard partCount <= Self.maximumParts else {
            throw .invalid("the query has more than \(Self.maximumParts) stages, filters and names")
        }
    }

    mutating func count(expression size: Int) throws(LogQLError) {
        expressionSize += size
        guard expressionSize <= Self.maximumExpressionSize else {
            throw .invalid("error parsing regexp: the expressions of the query are too large")
        }
    }

    /// Counts a level of parentheses while `body` parses their content.
    mutating func nested<T>(
        _ body: (inout LogQLParser) throws(LogQLError) -> T
    ) throws(LogQLError) -> T {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw .invalid("the query nests too deeply") }
        return try body(&self)
    }

    // MARK: Expressions

    private mutating func parseExpression(_ minimum: Int) throws(LogQLError) -> LogQLQuery {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw .invalid("the query nests too deeply") }
        var left = try parsePrimary()
        while token.kind == .symbol {
            guard let operation = BinaryOperator(rawValue: token.text), operation.precedence >= minimum else { break }
            guard case .metric(let leftExpression) = left else {
                throw operation.isSetOperator ? wrongLeg("left", operation) : unexpected()
            }
            operatorCount += 1
            guard operatorCount <= Self.maximumOperators else {
                throw .invalid("the query has more than \(Self.maximumOperators) operators")
            }
            advance()
            let matching = try parseMatching(of: operation)
            // `^` is right-associative, all others are left-associative.
            let next = operation == .power ? operation.precedence : operation.precedence + 1
            guard case .metric(let right) = try parseExpression(next) else { throw wrongLeg("right", operation) }
            try refuseLiterals(operation, leftExpression, right)
            left = .metric(.binary(operation, matching, leftExpression, right))
        }
        return left
    }

    private func wrongLeg(_ side: String, _ operation: BinaryOperator) -> LogQLError {
        .invalid("unexpected type for \(side) leg of binary operation (\(operation.rawValue)): a log query")
    }

    private mutating func parsePrimary() throws(LogQLError) -> LogQLQuery {
        switch token.kind {
        case .function: return .metric(try parseFunction())
        case .number: return .metric(.literal(try parseNumber()))
        case .symbol where token.text == "-" || token.text == "+": return .metric(.literal(try parseNumber()))
        case .symbol where token.text == "{": return .logs(try parsePipeline())
        case .symbol where token.text == "(":
            advance()
            let inner = try parseExpression(0)
            try expect(")")
            return inner
        case .symbol where token.text == "variants": throw .unsupported(token.text)
        default: throw unexpected()
        }
    }

    mutating func parseNumber() throws(LogQLError) -> Double {
        let isNegative = accept("-")
        if !isNegative { _ = accept("+") }
        guard token.kind == .number, let value = Double(token.text) else { throw unexpected() }
        advance()
        return isNegative ? -value : value
    }

    private mutating func parseFunction() throws(LogQLError) -> MetricExpression {
        let name = token.text
        if let function = RangeFunction(rawValue: name) { return .range(try parseRange(function)) }
        if let aggregation = Aggregation(rawValue: name) {
            advance()
            return try parseAggregation(aggregation)
        }
        switch name {
        case "vector":
            advance()
            try expect("(")
            guard token.kind == .number else { throw unexpected("NUMBER") }
            let value = try parseNumber()
            try expect(")")
            return .vector(value)
        case "sort", "sort_desc":
            advance()
            try expect("(")
            guard case .metric(let inner) = try parseExpression(0) else { throw unexpected() }
            try expect(")")
            return .sorted(descending: name == "sort_desc", inner)
        case "label_replace": return try parseLabelReplacement()
        default: throw .unsupported(name)
        }
    }

    private mutating func parseLabelReplacement() throws(LogQLError) -> MetricExpression {
        advance()
        try expect("(")
        guard case .metric(let inner) = try parseExpression(0) else { throw unexpected() }
        var texts: [String] = []
        while texts.count < 4 {
            try expect(",", saying: true)
            texts.append(try expectString("STRING"))
        }
        try expect(")", saying: true)
        let pattern: RegexExtraction
        do {
            pattern = try RegexExtraction(texts[3])
        } catch {
            throw .invalid("invalid regex in label_replace: \(error.description)")
        }
        try count(expression: pattern.size)
        return .labelled(
            LabelReplacement(name: texts[0], replacement: texts[1], source: texts[2], pattern: pattern), inner)
    }

    private mutating func parseAggregation(_ aggregation: Aggregation) throws(LogQLError) -> MetricExpression {
        var grouping = try parseGrouping()
        try expect("(")
        var parameter: Int?
        let ranks = aggregation == .topk || aggregation == .bottomk
        if token.kind == .number, following.isSymbol(",") {
            guard ranks else {
                throw .invalid("unsupported parameter for operation \(aggregation.rawValue)(\(token.text),")
            }
            guard let value = Int(token.text) else {
                throw .invalid("invalid parameter \(aggregation.rawValue)(\(token.text),")
            }
            guard value > 0 else {
                throw .invalid("invalid parameter (must be greater than 0) \(aggregation.rawValue)(\(token.text)")
            }
            parameter = value
            advance()
            advance()
        }
        guard case .metric(let inner) = try parseExpression(0) else { throw unexpected() }
        try expect(")")
        if grouping == nil { grouping = try parseGrouping() }
        if ranks, parameter == nil { throw .invalid("parameter required for operation \(aggregation.rawValue)") }
        return .aggregate(aggregation, parameter: parameter, grouping, inner)
    }

    mutating func parseGrouping() throws(LogQLError) -> Grouping? {
        guard token.isSymbol("by") || token.isSymbol("without") else { return nil }
        var grouping = Grouping(isWithout: token.text == "without", labels: [])
        advance()
        try expect("(", saying: true)
        if accept(")") { return grouping }
        while true {
            guard token.mayBeName else {
                throw grouping.labels.isEmpty ? unexpected("IDENTIFIER", ")") : unexpected("IDENTIFIER")
            }
            try countPart()
            grouping.labels.append(token.text)
            advance()
            if accept(")") { return grouping }
            guard accept(",") else { throw unexpected(",", ")") }
        }
    }

    // MARK: Selectors

    private mutating func parsePipeline() throws(LogQLError) -> LogPipeline {
        var pipeline = LogPipeline(matchers: try parseMatchers(), stages: [])
        while startsStage { pipeline.stages.append(try parseStage()) }
        try Self.validate(pipeline.matchers)
        return pipeline
    }

    mutating func parseMatchers() throws(LogQLError) -> [LabelMatcher] {
        try expect("{")
        var matchers: [LabelMatcher] = []
        if accept("}") { return matchers }
        while true {
            guard token.mayBeName else {
                throw matchers.isEmpty ? unexpected("IDENTIFIER", "}") : unexpected("IDENTIFIER")
            }
            try countPart()
            let name = token.text
            advance()
            guard token.kind == .symbol, let comparison = LabelMatcher.Operator(rawValue: token.text) else {
                throw unexpected("=", "=~", "!~", "!=")
            }
            advance()
            let value = try expectString("STRING")
            matchers.append(try matcher(name, comparison, value))
            if accept("}") { return matchers }
            guard accept(",") else { throw unexpected("}", ",") }
        }
    }

    mutating func matcher(
        _ name: String, _ comparison: LabelMatcher.Operator, _ value: String
    ) throws(LogQLError) -> LabelMatcher {
        let matcher: LabelMatcher
        do {
            matcher = try LabelMatcher(name: name, comparison: comparison, value: value)
        } catch {
            throw .invalid(error.description)
        }
        try count(expression: matcher.expression?.size ?? 0)
        return matcher
    }

    /// A selector that matches every stream would read everything: Loki rejects it, and so does the pocket stack.
    static func validate(_ matchers: [LabelMatcher]) throws(LogQLError) {
        guard !matchers.contains(where: { !$0.matches("") }) else { return }
        throw .invalid(
            "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
                + "For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will")
    }
}
