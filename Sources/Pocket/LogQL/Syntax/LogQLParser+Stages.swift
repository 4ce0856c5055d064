import RegularExpressions

extension LogQLParser {
    private static let lineOperators: Set<String> = ["|=", "|~", "!=", "!~", "|>", "!>"]

    var startsStage: Bool {
        token.kind == .symbol && (token.text == "|" || Self.lineOperators.contains(token.text))
    }

    mutating func parseStage() throws(LogQLError) -> LogStage {
        try countPart()
        if !token.isSymbol("|") { return .line(try parseLineFilter()) }
        advance()
        guard token.kind == .symbol else { return .label(try parseLabelFilters()) }
        switch token.text {
        case "(": return .label(try parseLabelFilters())
        case "json", "logfmt":
            let name = token.text
            advance()
            if token.kind == .symbol, token.text.hasPrefix("--") { throw .unsupported("\(name) \(token.text)") }
            let extractions = token.mayBeName ? try parseExtractions() : []
            return name == "json" ? .json(extractions) : .logfmt(extractions)
        case "drop":
            advance()
            return .drop(try parseNamedMatchers())
        case "keep":
            advance()
            return .keep(try parseNamedMatchers())
        // Only metric queries can use numbers.
        case "unwrap": throw unexpected()
        case "line_format":
            advance()
            return .lineFormat(try LineTemplate(try expectString("STRING")))
        case "label_format":
            advance()
            return .labelFormat(try parseLabelFormats())
        case "pattern":
            advance()
            return .pattern(try LinePattern(try expectString("STRING")))
        case "regexp":
            advance()
            return .regexp(try extraction(try expectString("STRING")))
        case "unpack", "decolorize": throw .unsupported(token.text)
        default:
            guard token.mayBeName else { throw unexpected() }
            return .label(try parseLabelFilters())
        }
    }

    private mutating func parseLineFilter() throws(LogQLError) -> LineFilter {
        let symbol = token.text
        advance()
        var filter = LineFilter(isNegated: symbol.hasPrefix("!"), alternatives: [])
        repeat {
            if token.text == "ip", token.kind != .string { throw .unsupported("ip") }
            try countPart()
            let text = try expectString("STRING", "ip")
            if symbol.hasSuffix(">") {
                filter.alternatives.append(.pattern(try LinePattern(filter: text)))
            } else if symbol.hasSuffix("~") {
                let expression: RegularExpression
                do { expression = try RegularExpression(text) } catch { throw .invalid(error.description) }
                try count(expression: expression.size)
                filter.alternatives.append(.expression(expression))
            } else {
                filter.alternatives.append(.text(text))
            }
        } while accept("or")
        return filter
    }

    /// Parses `status, kind="error.type"`.
    private mutating func parseExtractions() throws(LogQLError) -> [LabelExtraction] {
        var extractions: [LabelExtraction] = []
        repeat {
            guard token.mayBeName else { throw unexpected("IDENTIFIER") }
            try countPart()
            let label = token.text
            advance()
            let expression = accept("=") ? try expectString("STRING") : label
            extractions.append(try LabelExtraction(label: label, expression: expression))
        } while accept(",")
        return extractions
    }

    private mutating func parseLabelFormats() throws(LogQLError) -> [LabelFormat] {
        var formats: [LabelFormat] = []
        repeat {
            guard token.mayBeName else { throw unexpected("IDENTIFIER") }
            try countPart()
            let name = token.text
            advance()
            guard accept("=") else { throw unexpected("=") }
            guard name != LineLabels.error else { throw .invalid("\(name) cannot be formatted") }
            guard !formats.contains(where: { $0.name == name }) else {
                throw .invalid("multiple label name '\(name)' not allowed in a single format operation")
            }
            if token.kind == .string {
                formats.append(LabelFormat(name: name, source: .template(try LineTemplate(token.text))))
            } else if token.mayBeName {
                formats.append(LabelFormat(name: name, source: .label(token.text)))
            } else {
                throw unexpected("STRING", "IDENTIFIER")
            }
            advance()
        } while accept(",")
        return formats
    }

    /// The expression of a `regexp` stage, whose named groups become labels.
    private mutating func extraction(_ pattern: String) throws(LogQLError) -> RegexExtraction {
        let expression: RegexExtraction
        do {
            expression = try RegexExtraction(pattern)
        } catch {
            throw .invalid("invalid regexp parser: \(error.description)")
        }
        try count(expression: expression.size)
        let names = expression.groupNames.compactMap { $0 }
        guard !names.isEmpty else {
            throw .invalid("invalid regexp parser: at least one named capture must be supplied")
        }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw .invalid("invalid regexp parser: duplicate extracted label name '\(name)'")
        }
        return expression
    }

    private mutating func parseNamedMatchers() throws(LogQLError) -> [NamedLabelMatcher] {
        var result: [NamedLabelMatcher] = []
        repeat {
            guard token.mayBeName else { throw unexpected("IDENTIFIER") }
            try countPart()
            let name = token.text
            advance()
            var matcher: LabelMatcher?
            if token.kind == .symbol, let comparison = LabelMatcher.Operator(rawValue: token.text) {
                advance()
                matcher = try self.matcher(name, comparison, try expectString("STRING"))
            }
            result.append(NamedLabelMatcher(name: name, matcher: matcher))
        } while accept(",")
        return result
    }

    /// `or` binds loosest; a comma or mere juxtaposition means `and`.
    mutating func parseLabelFilters() throws(LogQLError) -> LabelFilter {
        var filter = try parseConjunction()
        while accept("or") { filter = .or(filter, try parseConjunction()) }
        return filter
    }

    private mutating func parseConjunction() throws(LogQLError) -> LabelFilter {
        var filter = try parseLabelFilter()
        while true {
            if accept("and") || accept(",") {
                guard token.mayBeName || token.isSymbol("(") else { throw unexpected("IDENTIFIER", "(") }
                filter = .and(filter, try parseLabelFilter())
            } else if token.kind == .identifier || token.isSymbol("(") {
                filter = .and(filter, try parseLabelFilter())
            } else {
                return filter
            }
        }
    }

    private mutating func parseLabelFilter() throws(LogQLError) -> LabelFilter {
        try countPart()
        if accept("(") {
            let inner = try nested { (parser) throws(LogQLError) in try parser.parseLabelFilters() }
            guard accept(")") else { throw unexpected() }
            return inner
        }
        guard token.mayBeName else { throw unexpected() }
        let name = token.text
        advance()
        guard token.kind == .symbol else { throw unexpected() }
        let symbol = token.text
        let textual = LabelMatcher.Operator(rawValue: symbol)
        let numeric = Comparison(rawValue: symbol == "=" ? "==" : symbol)
        guard textual != nil || numeric != nil else { throw unexpected() }
        advance()
        if let textual, token.kind == .string || numeric == nil {
            return .text(try self.matcher(name, textual, try expectString("STRING")))
        }
        guard let numeric else { throw unexpected() }
        switch token.kind {
        case .duration(let value):
            advance()
            return .quantity(name: name, numeric, .duration(value))
        case .bytes(let value):
            advance()
            return .quantity(name: name, numeric, .bytes(value))
        default:
            if token.text == "ip", token.kind != .string { throw .unsupported("ip") }
            return .quantity(name: name, numeric, .number(try parseNumber()))
        }
    }
}
