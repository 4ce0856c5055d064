import CRE2

/// A pattern compiled by RE2.
///
/// Unchecked: RE2 allows any number of threads to search with one program, and locks the states that it caches between
/// searches. Nothing else changes after `init`.
final class RegexProgram: @unchecked Sendable {
    private let expression: OpaquePointer
    /// The number of instructions.
    let size: Int

    private static let maximumSize = 50_000
    /// The memory limit of RE2 for a program and its states, in bytes. Small for almost all patterns, because a query
    /// may have hundreds. With a large program and little memory, RE2 could not cache states and would be slow.
    private static let memory: Int64 = 1 << 20
    private static let memoryOfLarge: Int64 = 8 << 20
    private static let sizeOfLarge = 2_000

    /// - Throws: ``RegularExpressionError`` about `pattern`, the pattern as the user wrote it.
    init(_ groups: PatternGroups, _ pattern: String) throws(RegularExpressionError) {
        var compiled = Self.compile(groups.text, Self.memory)
        let code = cre2_error_code(compiled)
        if code == cre2_error_too_large || code == cre2_error_none && cre2_program_size(compiled) > Self.sizeOfLarge {
            cre2_free(compiled)
            compiled = Self.compile(groups.text, Self.memoryOfLarge)
        }
        if let error = Self.error(of: compiled, groups, pattern) {
            cre2_free(compiled)
            throw error
        }
        expression = compiled
        size = cre2_program_size(compiled)
    }

    deinit { cre2_free(expression) }

    private static func compile(_ text: String, _ memory: Int64) -> OpaquePointer {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cre2_compile($0.baseAddress, $0.count, memory) }
        }
    }

    func matches(_ bytes: UnsafeBufferPointer<UInt8>, whole: Bool) -> Bool {
        cre2_search(expression, bytes.baseAddress, bytes.count, whole, nil, 0)
    }

    /// The ranges of the match and its first `count - 1` groups; `nil` for a group that took no part. `nil` if there is
    /// no match.
    func ranges(_ bytes: UnsafeBufferPointer<UInt8>, whole: Bool, count: Int) -> [Range<Int>?]? {
        withUnsafeTemporaryAllocation(of: cre2_range.self, capacity: count) { ranges in
            guard cre2_search(expression, bytes.baseAddress, bytes.count, whole, ranges.baseAddress, count) else {
                return nil
            }
            return ranges.map { $0.start >= 0 ? $0.start..<$0.end : nil }
        }
    }
}

extension RegexProgram {
    private static func error(
        of expression: OpaquePointer, _ groups: PatternGroups, _ pattern: String
    ) -> RegularExpressionError? {
        let code = cre2_error_code(expression)
        var length = 0
        let start = UnsafeRawPointer(cre2_error_part(expression, &length))
        let part = String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
        // Go accepts `(?<name>`, but fewer characters in names.
        let isOfName = code == cre2_error_named_group || code == cre2_error_perl_operator && part == "(?<"
        if let group = groups.misnamed, isOfName || code == cre2_error_none {
            return RegularExpressionError("invalid named capture", group)
        }
        switch code {
        case cre2_error_none:
            guard cre2_program_size(expression) >= maximumSize else { return nil }
            return RegularExpressionError("expression too large", pattern)
        case cre2_error_escape: return RegularExpressionError("invalid escape sequence", part)
        case cre2_error_character_class: return RegularExpressionError("invalid character class", part)
        case cre2_error_character_range: return RegularExpressionError("invalid character class range", part)
        case cre2_error_missing_bracket: return RegularExpressionError("missing closing ]", part)
        case cre2_error_missing_parenthesis: return RegularExpressionError("missing closing )", pattern)
        case cre2_error_unexpected_parenthesis: return RegularExpressionError("unexpected )", pattern)
        case cre2_error_trailing_backslash:
            return RegularExpressionError("trailing backslash at end of expression", "")
        case cre2_error_repeat_argument:
            return RegularExpressionError("missing argument to repetition operator", part)
        case cre2_error_repeat_size: return RegularExpressionError("invalid repeat count", part)
        case cre2_error_repeat_operator: return RegularExpressionError("invalid nested repetition operator", part)
        case cre2_error_perl_operator: return RegularExpressionError("invalid or unsupported Perl syntax", part)
        case cre2_error_utf8: return RegularExpressionError("invalid UTF-8", part)
        case cre2_error_named_group: return RegularExpressionError("invalid named capture", part)
        case cre2_error_too_large: return RegularExpressionError("expression too large", pattern)
        default: return RegularExpressionError("regexp/syntax: internal error", pattern)
        }
    }
}
