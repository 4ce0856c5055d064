struct TemplateParser {
    private enum Token: Equatable {
        /// A name, a keyword or a function.
        case word(String)
        case label(String)
        case literal(TemplateValue)
        case symbol(Character)
    }

    private enum Piece {
        case text(String)
        case action([Token])
    }

    private let source: String
    private var pieces: ArraySlice<Piece> = []
    private var depth = 0
    private static let maximumDepth = 32

    init(_ source: String) { self.source = source }

    mutating func parse() throws(LogQLError) -> [LineTemplate.Node] {
        pieces = try cut()[...]
        let nodes = try parseNodes()
        guard pieces.isEmpty else { throw Self.invalid("unexpected {{else}} or {{end}}") }
        return nodes
    }

    private static func invalid(_ problem: String) -> LogQLError { .invalid("invalid line template: \(problem)") }

    // MARK: Structure

    /// Parses up to an `else` or `end` that belongs to an enclosing block.
    private mutating func parseNodes() throws(LogQLError) -> [LineTemplate.Node] {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw Self.invalid("it nests too deeply") }
        var nodes: [LineTemplate.Node] = []
        while let piece = pieces.first {
            switch piece {
            case .text(let text):
                pieces.removeFirst()
                nodes.append(.text(text))
            case .action(let tokens):
                if tokens.first == .word("else") || tokens.first == .word("end") { return nodes }
                pieces.removeFirst()
                switch tokens.first {
                case nil: throw Self.invalid("missing value for command")
                case .word("if"): nodes.append(.choice(try parseBranches(tokens.dropFirst())))
                case .word("range"), .word("with"), .word("define"), .word("template"), .word("block"):
                    throw .limited("templates with {{\(Self.text(of: tokens))}} are not supported")
                default: nodes.append(.value(try parseExpression(tokens[...])))
                }
            }
        }
        return nodes
    }

    private mutating func parseBranches(_ condition: ArraySlice<Token>) throws(LogQLError) -> [LineTemplate.Branch] {
        var branches = [LineTemplate.Branch(condition: try parseExpression(condition), nodes: try parseNodes())]
        while let piece = pieces.popFirst(), case .action(let tokens) = piece {
            if tokens == [.word("end")] { return branches }
            guard tokens.first == .word("else"), branches.last?.condition != nil else { break }
            if tokens.count == 1 {
                branches.append(LineTemplate.Branch(condition: nil, nodes: try parseNodes()))
            } else if tokens[1] == .word("if") {
                let condition = try parseExpression(tokens.dropFirst(2))
                branches.append(LineTemplate.Branch(condition: condition, nodes: try parseNodes()))
            } else {
                break
            }
        }
        throw Self.invalid("expected {{else}}, {{else if …}} or {{end}} after {{if …}}")
    }

    // MARK: Expressions

    private mutating func parseExpression(_ tokens: ArraySlice<Token>) throws(LogQLError) -> LineTemplate.Expression {
        var rest = tokens
        let expression = try parsePipeline(&rest)
        guard rest.isEmpty else { throw Self.invalid("unexpected \(Self.text(of: Array(rest.prefix(1)))) in command") }
        return expression
    }

    private mutating func parsePipeline(_ rest: inout ArraySlice<Token>) throws(LogQLError) -> LineTemplate.Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw Self.invalid("it nests too deeply") }
        var expression = try parseCommand(&rest, piped: nil)
        // Each pipe nests the expression so far inside the next one.
        var pipes = 0
        while rest.first == .symbol("|") {
            pipes += 1
            guard pipes <= Self.maximumDepth else { throw Self.invalid("it has too many pipes") }
            rest.removeFirst()
            expression = try parseCommand(&rest, piped: expression)
        }
        return expression
    }

    /// A value, or a function with its arguments; a piped value becomes the last argument.
    private mutating func parseCommand(
        _ rest: inout ArraySlice<Token>, piped: LineTemplate.Expression?
    ) throws(LogQLError) -> LineTemplate.Expression {
        guard case .word(let name)? = rest.first,
            !["__line__", "__timestamp__", "true", "false"].contains(name)
        else {
            let operand = try parseOperand(&rest)
            guard piped == nil else { throw Self.invalid("a pipe must lead to a function") }
            if let next = rest.first, next != .symbol("|"), next != .symbol(")") {
                throw Self.invalid("can't give argument to what is no function")
            }
            return operand
        }
        rest.removeFirst()
        guard let function = TemplateFunction(rawValue: name) else { throw Self.unknown(name) }
        var arguments: [LineTemplate.Expression] = []
        while let next = rest.first, next != .symbol("|"), next != .symbol(")") {
            arguments.append(try parseOperand(&rest))
        }
        if let piped { arguments.append(piped) }
        guard function.argumentCount.contains(arguments.count) else {
            throw Self.invalid("wrong number of args for \(name): got \(arguments.count)")
        }
        return .call(function, arguments)
    }

    private mutating func parseOperand(_ rest: inout ArraySlice<Token>) throws(LogQLError) -> LineTemplate.Expression {
        guard let token = rest.popFirst() else { throw Self.invalid("missing value for command") }
        switch token {
        case .label(let name): return .label(name)
        case .literal(let value): return .literal(value)
        case .word("__line__"): return .line
        case .word("__timestamp__"): return .timestamp
        case .word("true"): return .literal(.bool(true))
        case .word("false"): return .literal(.bool(false))
        case .word(let name):
            guard let function = TemplateFunction(rawValue: name) else { throw Self.unknown(name) }
            guard function.argumentCount.contains(0) else {
                throw Self.invalid("wrong number of args for \(name): got 0")
            }
            return .call(function, [])
        case .symbol("("):
            let inner = try parsePipeline(&rest)
            guard rest.popFirst() == .symbol(")") else { throw Self.invalid("unclosed left paren") }
            return inner
        case .symbol(let symbol): throw Self.invalid("unexpected \(symbol) in command")
        }
    }

    private static func unknown(_ name: String) -> LogQLError {
        let known = TemplateFunction.allCases.map(\.rawValue).sorted().joined(separator: ", ")
        return .limited("the template function `\(name)` is not supported; supported are __line__, \(known)")
    }

    private static func text(of tokens: [Token]) -> String {
        tokens.map { token in
            switch token {
            case .word(let word): word
            case .label(let name): "." + name
            case .literal(let value): value.text
            case .symbol(let symbol): String(symbol)
            }
        }.joined(separator: " ")
    }

    // MARK: Tokens

    private func cut() throws(LogQLError) -> [Piece] {
        var pieces: [Piece] = []
        var scanner = TemplateScanner(source)
        var trims = false
        while true {
            var text = scanner.text()
            if trims { text = String(text.drop(while: \.isWhitespace)) }
            let isEnd = scanner.isAtEnd
            if !isEnd, scanner.startsWithTrim { text = Self.trimmedEnd(text) }
            if !text.isEmpty { pieces.append(.text(text)) }
            guard !isEnd else { return pieces }
            let tokens = try Self.tokens(&scanner, &trims)
            if let tokens { pieces.append(.action(tokens)) }
        }
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }

    /// The tokens up to `}}`; `nil` for a comment. Sets `trims` if the space after it must be removed.
    private static func tokens(_ scanner: inout TemplateScanner, _ trims: inout Bool) throws(LogQLError) -> [Token]? {
        scanner.skipOpening()
        if scanner.skipComment(&trims) { return nil }
        var tokens: [Token] = []
        while true {
            scanner.skipSpace()
            if scanner.skipClosing(&trims) { return tokens }
            guard let character = scanner.current else { throw invalid("unclosed action") }
            switch character {
            case "\"", "`":
                guard let text = scanner.quoted() else { throw invalid("unterminated quoted string") }
                tokens.append(.literal(.string(text)))
            case "|", "(", ")":
                scanner.advance()
                tokens.append(.symbol(character))
            case ".":
                scanner.advance()
                let name = scanner.word()
                guard !name.isEmpty, scanner.current != "." else {
                    throw .limited("templates name labels as in {{.status}}; `.\(name).` is not supported")
                }
                tokens.append(.label(name))
            case "0"..."9", "-", "+":
                let text = scanner.number()
                if let integer = Int(text) {
                    tokens.append(.literal(.integer(integer)))
                } else if let double = Double(text) {
                    tokens.append(.literal(.double(double)))
                } else {
                    throw invalid("bad number syntax: \"\(text)\"")
                }
            case "$": throw .limited("variables in templates are not supported")
            default:
                let word = scanner.word()
                guard !word.isEmpty else { throw invalid("unexpected \"\(character)\" in command") }
                tokens.append(.word(word))
            }
        }
    }
}
