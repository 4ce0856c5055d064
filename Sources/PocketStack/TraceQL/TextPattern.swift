/// A regular expression that has to match the whole of a text, as TraceQL wants it.
///
/// Not `Sendable`, because the standard library's `Regex` is not: make one where it is used.
struct TextPattern {
    private let regex: Regex<AnyRegexOutput>

    /// - Throws: an error that describes what is wrong with `pattern`.
    init(_ pattern: String) throws { regex = try Regex(pattern) }

    func matches(_ text: String) -> Bool {
        // A pattern that cannot be carried to its end (a runaway) counts as not matching.
        (try? regex.wholeMatch(in: text)) != nil
    }
}
