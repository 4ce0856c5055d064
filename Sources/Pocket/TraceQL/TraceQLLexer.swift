import QuerySupport

extension TraceQL {
    /// A token of a query.
    struct Token: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            case end
            case literal(Value)
            /// A keyword or an intrinsic's name.
            case word(String)
            case field(Field)
            case symbol(String)
        }

        var kind: Kind
        var position: Position

        /// Its name in error messages.
        var description: String {
            switch kind {
            case .end: "end of the query"
            case .literal(let value): value.queryText
            case .word(let word): word
            case .field(let field): field.description
            case .symbol(let symbol): symbol
            }
        }
    }

    /// Splits a query into tokens.
    struct Lexer {
        private let text: [Unicode.Scalar]
        private var index = 0
        private var position = Position(line: 1, column: 1)

        static func tokens(of text: String) throws(QueryError) -> [Token] {
            var lexer = Lexer(text: Array(text.unicodeScalars))
            var tokens: [Token] = []
            while true {
                let token = try lexer.next()
                tokens.append(token)
                if token.kind == .end { return tokens }
            }
        }

        private init(text: [Unicode.Scalar]) { self.text = text }

        private var current: Unicode.Scalar? { index < text.count ? text[index] : nil }

        private mutating func advance() {
            position =
                text[index] == "\n"
                ? Position(line: position.line + 1, column: 1)
                : Position(line: position.line, column: position.column + 1)
            index += 1
        }

        private mutating func next() throws(QueryError) -> Token {
            while let scalar = current, scalar.properties.isWhitespace { advance() }
            let start = position
            guard let scalar = current else { return Token(kind: .end, position: start) }
            let kind: Token.Kind
            switch scalar {
            case "\"", "`": kind = .literal(.string(try quoted(raw: scalar == "`")))
            case "0"..."9": kind = .literal(try number())
            case "." where index + 1 < text.count && ("0"..."9").contains(text[index + 1]):
                kind = .literal(try number())
            case ".":
                advance()
                kind = .field(.attribute(.any, try attributeName()))
            case _ where Self.isWordStart(scalar): kind = try wordOrField()
            default: kind = .symbol(try symbol())
            }
            return Token(kind: kind, position: start)
        }

        private mutating func symbol() throws(QueryError) -> String {
            for symbol in Self.symbols where text[index...].starts(with: symbol.unicodeScalars) {
                for _ in symbol.unicodeScalars { advance() }
                return symbol
            }
            throw failure("unexpected character \(text[index])")
        }

        /// Longest first.
        private static let symbols = [
            "!>>", "!<<", "&>>", "&<<", "&&", "||", "!=", "!~", "!>", "!<", "=~", ">=", "<=", ">>", "<<", "&~", "&>",
            "&<", "{", "}", "(", ")", "=", ">", "<", "!", "~", "|", "+", "-", "*", "/", "%", "^", ",",
        ]

        private mutating func wordOrField() throws(QueryError) -> Token.Kind {
            let start = position
            let word = takeWord()
            if current == ".", let scope = Scope(rawValue: word) {
                advance()
                return .field(.attribute(scope, try attributeName()))
            }
            if current == ".", word == "parent" { throw TraceQL.unsupported("parent.") }
            if current == ":", index + 1 < text.count, Self.isWordStart(text[index + 1]) {
                advance()
                let name = word + ":" + takeWord()
                guard let intrinsic = Intrinsic.named(name) else {
                    throw QueryError(position: start, message: "unknown identifier: \(name)")
                }
                return .field(.intrinsic(intrinsic))
            }
            return .word(word)
        }

        private mutating func takeWord() -> String {
            var word = String.UnicodeScalarView()
            while let scalar = current, Self.isWordStart(scalar) || ("0"..."9").contains(scalar) {
                word.append(scalar)
                advance()
            }
            return String(word)
        }

        private mutating func attributeName() throws(QueryError) -> String {
            var name = String.UnicodeScalarView()
            while let scalar = current {
                if scalar == "\"" {
                    name += try quoted(raw: false).unicodeScalars
                } else if Self.isAttributeScalar(scalar) {
                    name.append(scalar)
                    advance()
                } else {
                    break
                }
            }
            guard !name.isEmpty else { throw failure("syntax error: expected the name of an attribute") }
            return String(name)
        }

        private mutating func quoted(raw: Bool) throws(QueryError) -> String {
            let quote: Unicode.Scalar = raw ? "`" : "\""
            var result = String.UnicodeScalarView()
            advance()
            while let scalar = current, scalar != quote {
                advance()
                if scalar == "\\", !raw { result.append(try escape()) } else { result.append(scalar) }
            }
            guard current != nil else { throw failure("literal not terminated: expected \(quote)") }
            advance()
            return String(result)
        }

        private mutating func escape() throws(QueryError) -> Unicode.Scalar {
            guard let scalar = current else { throw failure("literal not terminated") }
            advance()
            switch scalar {
            case "n": return "\n"
            case "t": return "\t"
            case "r": return "\r"
            case "\\", "\"", "'": return scalar
            case "x": return try hexadecimal(digits: 2)
            case "u": return try hexadecimal(digits: 4)
            case "U": return try hexadecimal(digits: 8)
            default: throw failure("invalid escape sequence \\\(scalar)")
            }
        }

        private mutating func hexadecimal(digits: Int) throws(QueryError) -> Unicode.Scalar {
            guard index + digits <= text.count else { throw failure("literal not terminated") }
            let hex = String(String.UnicodeScalarView(text[index..<index + digits]))
            guard let code = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(code) else {
                throw failure("invalid escape sequence: \(hex) is no character")
            }
            for _ in 0..<digits { advance() }
            return scalar
        }

        private mutating func number() throws(QueryError) -> Value {
            let start = index
            let startPosition = position
            var end = index
            while end < text.count, Self.isNumberScalar(text[end]) { end += 1 }
            // An exponent's sign belongs to the number: 1e-3.
            if end < text.count, end > start, text[end - 1] == "e", text[end] == "-" || text[end] == "+" {
                end += 1
                while end < text.count, ("0"..."9").contains(text[end]) { end += 1 }
            }
            let digits = String(String.UnicodeScalarView(text[start..<end]))
            while index < end { advance() }
            if let integer = Int64(digits) { return .integer(integer) }
            if let duration = Measure.duration(digits) { return .duration(duration) }
            if let double = Double(digits) { return .double(double) }
            throw QueryError(
                position: startPosition, message: "\(digits) is neither a number nor a duration such as 100ms")
        }

        private static func isNumberScalar(_ scalar: Unicode.Scalar) -> Bool {
            ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || scalar == "." || scalar == "µ"
                || scalar == "μ"
        }

        private static func isWordStart(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_" || scalar.properties.isAlphabetic
        }

        private static func isAttributeScalar(_ scalar: Unicode.Scalar) -> Bool {
            !scalar.properties.isWhitespace && !"{}()=~!<>&|^,".unicodeScalars.contains(scalar)
        }

        /// Whether a character is allowed in an attribute's name without quotes.
        static func isAttributeCharacter(_ character: Character) -> Bool {
            character != "\"" && character.unicodeScalars.allSatisfy(isAttributeScalar)
        }

        private func failure(_ message: String) -> QueryError { QueryError(position: position, message: message) }
    }
}
