import Testing

@testable import Encoding

@Suite("Suggestions")
struct SuggestionTests {
    @Test(
        "Distance",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "abc", 3), ("rate", "rate", 0), ("rte", "rate", 1), ("raet", "rate", 1),
            ("kitten", "sitting", 3), ("ca", "abc", 3),
        ])
    func distance(left: String, right: String, expected: Int) {
        #expect(Suggestion.distance(left, right) == expected)
        #expect(Suggestion.distance(right, left) == expected)
    }

    @Test(
        "The nearest, unless it is far",
        arguments: [
            ("--rte", "--rate"), ("--conc", "--concurrency"), ("--RATE", "--rate"), ("--sed", "--seed"),
            ("--xyzzy", nil),
            ("x", nil),
        ] as [(String, String?)])
    func closest(text: String, expected: String?) {
        #expect(Suggestion.closest(to: text, among: ["--rate", "--seed", "--concurrency"]) == expected)
    }
}
