/// A pattern whose groups are extracted, not just matched.
package struct RegexExtraction: Sendable {
    let expression: RegularExpression

    /// The names of the groups, in order; `nil` for a group without a name.
    package var groupNames: [String?] { expression.groupNames }

    /// The number of instructions in the compiled pattern, scaled by the number of groups that RE2 has to track.
    package var size: Int { expression.size * (1 + groupNames.count / 8) }

    /// - Throws: ``RegularExpressionError``, in Go's wording.
    package init(_ pattern: String) throws(RegularExpressionError) {
        expression = try RegularExpression(pattern)
    }
}

/// Finds the groups of a pattern's leftmost match, as RE2 chooses it: the first matching alternative, and as much as
/// possible for greedy repetitions.
package struct RegexExtractor {
    private let program: RegexProgram
    private let matcher: RegexMatcher
    private let anchored: Bool
    private let rangeCount: Int

    /// - Parameters:
    ///   - anchored: whether the whole text must match.
    ///   - meter: limits the work. A text that exceeds it does not match.
    package init(_ extraction: RegexExtraction, anchored: Bool, meter: (any RegexMeter)? = nil) {
        program = extraction.expression.program
        matcher = RegexMatcher(extraction.expression, anchored: anchored, meter: meter)
        self.anchored = anchored
        rangeCount = 1 + extraction.groupNames.count
    }

    /// The ranges of the match and its groups, the match first; `nil` for a group that is not part of it. `nil` if
    /// there is no match.
    package func groups(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>?]? {
        guard matcher.mayMatch(bytes) else { return nil }
        return program.ranges(bytes, whole: anchored, count: rangeCount)
    }

    /// The match and its groups as text, the match first; `nil` for a group that is not part of it. `nil` if there is
    /// no match.
    package func groups(in text: String) -> [String?]? {
        var text = text
        return text.withUTF8 { bytes in
            groups(bytes)?.map { range in
                range.map { String(decoding: UnsafeBufferPointer(rebasing: bytes[$0]), as: UTF8.self) }
            }
        }
    }
}
