import Testing

@testable import Encoding

@Suite("The suggestion for a misspelt word")
struct SuggestionTests {
    @Test(
        "The distance counts the edits between two words",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "abc", 3), ("rate", "rate", 0), ("rte", "rate", 1), ("raet", "rate", 1),
            ("kitten", "sitting", 3), ("ca", "abc", 3),
        ])
    func theDistanceCountsTheEdits(left: String, right: String, expected: Int) {
        #expect(Suggestion.distance(left, right) == expected)
        #expect(Suggestion.distance(right, left) == expected)
    }

    @Test(
        "The closest word is suggested unless it is too far",
        arguments: [
            ("--rte", "--rate"), ("--conc", "--concurrency"), ("--RATE", "--rate"), ("--sed", "--seed"),
            ("--xyzzy", nil),
            ("x", nil),
        ] as [(String, String?)])
    func theClosestWordIsSuggestedUnlessItIsFar(text: String, expected: String?) {
        #expect(Suggestion.closest(to: text, among: ["--rate", "--seed", "--concurrency"]) == expected)
    }
}
