/// A compiled pattern in RE2 syntax. Matching takes time linear in the text, whatever the pattern, so neither a query
/// nor a configuration can make it run forever.
///
/// Safe to use from any number of threads. Texts are UTF-8. RE2 differs here from Go, which Loki and Tempo use: a byte
/// that is not UTF-8 matches nothing, while Go treats it as U+FFFD, and `\B` also matches within a multi-byte
/// character.
package struct RegularExpression: Sendable {
    package let pattern: String
    let program: RegexProgram
    /// The names of the groups, in order; `nil` for a group without a name.
    let groupNames: [String?]
    let requiredText: RequiredText

    /// - Throws: ``RegularExpressionError``, in Go's wording.
    package init(_ pattern: String) throws(RegularExpressionError) {
        self.pattern = pattern
        let groups = try PatternGroups(pattern)
        program = try RegexProgram(groups, pattern)
        groupNames = groups.names
        requiredText = RequiredText(of: pattern)
    }

    /// The number of instructions in the compiled pattern, plus a constant for its cached states. Memory use, and the
    /// worst-case cost of a step over one byte, grow with this number.
    package var size: Int { program.size + Self.sizeOfStates }

    private static let sizeOfStates = 500

    /// Whether the whole of `text` matches.
    package func matchesWhole(_ text: String) -> Bool {
        RegexMatcher(self, anchored: true).matches(text)
    }
}

/// Why a pattern cannot be used, in Go's wording, as Loki reports it.
package struct RegularExpressionError: Error, Equatable, CustomStringConvertible {
    package var description: String
    init(_ problem: String, _ part: some StringProtocol) {
        description = "error parsing regexp: \(problem): `\(part)`"
    }
}
