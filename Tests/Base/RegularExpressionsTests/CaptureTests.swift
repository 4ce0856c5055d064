import Testing

@testable import RegularExpressions

@Suite("Capture groups of an extraction")
struct CaptureTests {
    @Test(
        arguments: [
            ("a(b)c", "xabcx", ["abc", "b"]), ("(a)(b)?", "ac", ["a", "a", nil]),
            ("(?P<x>a)(?<y>b)", "ab", ["ab", "a", "b"]),
            ("(?:a)(b)", "ab", ["ab", "b"]), ("(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""]),
            ("(a+)(a*)", "aaa", ["aaa", "aaa", ""]), ("(a+?)(a*)", "aaa", ["aaa", "a", "aa"]),
            ("(?U)(a+)(a*?)", "aaa", ["aaa", "a", "aa"]), ("(a){2}", "aa", ["aa", "a"]), ("(a*)*", "b", ["", ""]),
            ("(é+)", "caféé", ["éé", "éé"]), ("^(b)", "ab", nil), ("\\b(b\\w)", "ab bc", ["bc", "bc"]),
            ("(x)|(y)", "y", ["y", nil, "y"]), ("b(.)", "abcbd", ["bc", "c"]), ("", "a", [""]),
            ("((a)(b))", "ab", ["ab", "ab", "a", "b"]), ("(a)(?i:(b))(c)", "aBc", ["aBc", "a", "B", "c"]),
            (#""trace_id":"([0-9a-f]{4})""#, #"{"trace_id":"12af","x":1}"#, [#""trace_id":"12af""#, "12af"]),
            ("a{0,2}?(a)", "aaa", ["a", "a"]), ("(a{0,2})(a?)", "aaa", ["aaa", "aa", "a"]), ("q(.)", "abc", nil),
        ] as [(String, String, [String?]?)])
    func anExtractorFindsTheFirstMatchAndItsGroups(pattern: String, text: String, expected: [String?]?) throws {
        #expect(try RegexExtractor(RegexExtraction(pattern), anchored: false).groups(in: text) == expected)
    }

    @Test func anExtractionTakesLinearTimeForPathologicalPatterns() throws {
        let extractor = RegexExtractor(try RegexExtraction("(a+)+b"), anchored: false)
        #expect(extractor.groups(in: String(repeating: "a", count: 2_000)) == nil)
        let match = extractor.groups(in: String(repeating: "a", count: 2_000) + "b")
        #expect(match?[1]?.utf8.count == 2_000)
    }
}
