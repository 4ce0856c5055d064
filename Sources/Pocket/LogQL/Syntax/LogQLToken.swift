/// One word of a query.
struct LogQLToken: Equatable {
    enum Kind: Equatable {
        case end
        case identifier
        case string
        case number
        /// Nanoseconds.
        case duration(Int64)
        case bytes(UInt64)
        /// What stood between brackets, in nanoseconds.
        case range(Int64)
        /// A name that is followed by `(`, `by` or `without`.
        case function
        /// Punctuation, operators and reserved words, by their text.
        case symbol
    }

    var kind: Kind
    /// The identifier, the symbol in lower case, or the unquoted string.
    var text: String
    var line: Int
    var column: Int

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }

    /// Words that are a symbol to the grammar and yet may name a label.
    var mayBeName: Bool {
        kind == .identifier || (kind == .symbol && (text.utf8.first.map { $0 >= 97 && $0 <= 122 } ?? false))
    }

    /// The token as Loki names it in errors.
    var display: String {
        switch kind {
        case .end: "$end"
        case .identifier: "IDENTIFIER"
        case .string: "STRING"
        case .number: "NUMBER"
        case .duration: "DURATION"
        case .bytes: "BYTES"
        case .range: "RANGE"
        case .function: text.uppercased()
        case .symbol: text
        }
    }
}
