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
        /// A duration in brackets, in nanoseconds.
        case range(Int64)
        /// A name followed by `(`, `by` or `without`.
        case function
        /// Punctuation, operators and reserved words, identified by their text.
        case symbol
    }

    var kind: Kind
    /// The identifier, the symbol in lower case, or the unquoted string.
    var text: String
    var line: Int
    var column: Int

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }

    /// Whether it is a reserved word that may also name a label.
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
