/// A compiled pattern in RE2's syntax that tells whether a text matches, in time linear in the text whatever the
/// pattern: neither a query nor a configuration can make it run for ever.
///
/// Any number of threads may use one at a time. Texts are UTF-8. Here RE2 differs from Go, which Loki and Tempo use: a byte
/// that is no UTF-8 matches nothing, while Go takes it for U+FFFD, and `\B` also holds within a letter of several bytes.
package struct RegularExpression: Sendable {
    package let pattern: String
    let program: RegexProgram
    /// What each group is called, from the first on; `nil` for one without a name.
    let groupNames: [String?]
    let requiredText: RequiredText

    /// - Throws: ``RegularExpressionError``, worded as Go does.
    package init(_ pattern: String) throws(RegularExpressionError) {
        self.pattern = pattern
        let groups = try PatternGroups(pattern)
        program = try RegexProgram(groups, pattern)
        groupNames = groups.names
        requiredText = RequiredText(of: pattern)
    }

    /// How many instructions the pattern has become, plus as many as make up for the states that are kept besides: what
    /// its memory, and a step over one byte at worst, grow with.
    package var size: Int { program.size + Self.sizeOfStates }

    private static let sizeOfStates = 500

    /// Whether the whole of `text` matches.
    package func matchesWhole(_ text: String) -> Bool {
        RegexMatcher(self, anchored: true).matches(text)
    }
}

/// Why a pattern cannot be used; the wording is Go's, as Loki gives it.
package struct RegularExpressionError: Error, Equatable, CustomStringConvertible {
    package var description: String
    init(_ problem: String, _ part: some StringProtocol) {
        description = "error parsing regexp: \(problem): `\(part)`"
    }
}
