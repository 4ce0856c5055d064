/// A pattern of which not only a match, but its groups are asked for.
package struct RegexExtraction: Sendable {
    let expression: RegularExpression

    /// What each group is called, from the first on; `nil` for one without a name.
    package var groupNames: [String?] { expression.groupNames }

    /// How many instructions the pattern has become, times the groups that each way of matching notes.
    package var size: Int { expression.size * (1 + groupNames.count / 8) }

    /// - Throws: ``RegularExpressionError``, worded as Go does.
    package init(_ pattern: String) throws(RegularExpressionError) {
        expression = try RegularExpression(pattern)
    }
}

/// Finds the groups of a pattern's leftmost match, as RE2 chooses it: the first alternative, the most of a greedy
/// repetition.
package struct RegexExtractor {
    private let program: RegexProgram
    private let matcher: RegexMatcher
    private let anchored: Bool
    private let rangeCount: Int

    /// - Parameters:
    ///   - anchored: whether the whole text must match.
    ///   - meter: bounds the work. A text that it does not pay for does not match.
    package init(_ extraction: RegexExtraction, anchored: Bool, meter: (any RegexMeter)? = nil) {
        program = extraction.expression.program
        matcher = RegexMatcher(extraction.expression, anchored: anchored, meter: meter)
        self.anchored = anchored
        rangeCount = 1 + extraction.groupNames.count
    }

    /// Where the match and each group are, the match first; `nil` for a group that is no part of it. `nil` without match.
    package func groups(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>?]? {
        guard matcher.mayMatch(bytes) else { return nil }
        return program.ranges(bytes, whole: anchored, count: rangeCount)
    }

    /// The match and each group as text, the match first; `nil` for a group that is no part of it. `nil` without match.
    package func groups(in text: String) -> [String?]? {
        var text = text
        return text.withUTF8 { bytes in
            groups(bytes)?.map { range in
                range.map { String(decoding: UnsafeBufferPointer(rebasing: bytes[$0]), as: UTF8.self) }
            }
        }
    }
}
