import Testing

@testable import RegularExpressions

@Suite struct RegularExpressionTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "a", true), ("a", "b", false), ("a|b", "b", true), ("a|b|", "", true),
        ("ab*c", "ac", true), ("ab*c", "abbbc", true), ("ab+c", "ac", false), ("ab?c", "abbc", false),
        ("a{2}", "aa", true), ("a{2}", "aaa", false), ("a{2,}", "aaaa", true), ("a{1,3}", "aaaa", false),
        ("a{,3}", "a{,3}", true), ("x{", "x{", true), ("(ab)+", "ababab", true), ("(?:ab)+", "aba", false),
        ("(?P<name>x)y", "xy", true), ("[abc]+", "cab", true), ("[^abc]+", "xyz", true), ("[^abc]", "é", true),
        ("[a-c0-9_-]+", "b7_-", true), ("[]a]+", "]a", true), ("\\d+", "123", true), ("\\D", "1", false),
        ("\\w+\\s\\w+", "two words", true), ("\\.", ".", true), ("\\.", "x", false), (".", "\n", false),
        ("(?s).", "\n", true), ("(?i)hello", "HeLLo", true), ("(?i)[a-c]+", "ABC", true), ("a(?i)b|c", "aB", true),
        ("\\x41\\x{e9}", "Aé", true), ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false),
        ("[[:alpha:]]+", "abC", true), ("é+", "ééé", true), ("[à-ü]", "é", true), (".", "🙂", true), ("..", "🙂", false),
        ("[^a]", "🙂", true), ("^a$", "a", true), ("a^b", "ab", false), ("\\bfoo\\b", "foo", true),
        ("a.*z", "abcz", true),
        ("(a*)*", "aaaa", true), ("(a|b)*abb", "ababb", true), ("5..", "503", true), (".+", "", false),
        (".*", "", true),
    ])
    func matchesWholeTexts(pattern: String, text: String, expected: Bool) throws {
        #expect(try RegularExpression(pattern).matchesWhole(text) == expected)
    }

    @Test(arguments: [
        ("err", "an error", true), ("^err", "an error", false), ("or$", "an error", true), ("or$", "orange", false),
        ("\\berr\\b", "an err here", true), ("\\berr\\b", "an error", false), ("(?m)^b", "a\nb", true),
        ("^b", "a\nb", false),
        ("(?m)a$", "a\nb", true), ("\\B", "ab", true), ("x*", "abc", true),
        ("trace=[0-9a-f]{4}", "… trace=12af …", true),
        ("failed|timeout", "request timeout", true), ("é", "caf\u{E9}s", true), ("$^", "x", false), ("", "x", true),
    ])
    func findsPartsOfTexts(pattern: String, text: String, expected: Bool) throws {
        let matcher = RegexMatcher(try RegularExpression(pattern), anchored: false)
        #expect(matcher.matches(text) == expected)
        // The states built the first time answer the same.
        #expect(matcher.matches(text) == expected)
    }

    @Test(arguments: [
        ("(", "missing closing ): `(`"), ("a)", "unexpected ): `a)`"), ("[a", "missing closing ]: `[a`"),
        ("*a", "missing argument to repetition operator: `*`"), ("a**", "invalid nested repetition operator: `**`"),
        ("a\\", "trailing backslash at end of expression: ``"), ("\\y", "invalid escape sequence: `\\y`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"), ("[z-a]", "invalid character class range: `z-a`"),
        ("(?<n", "invalid named capture: `(?<n`"), ("(?z)", "invalid or unsupported Perl syntax: `(?z`"),
        ("(((a{1000}){1000}){1000})", "expression is too large: `(((a{1000}){1000}){1000})`"),
    ])
    func refusesBadPatterns(pattern: String, problem: String) {
        #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
        do {
            _ = try RegularExpression(pattern)
        } catch {
            #expect(error.description == "error parsing regexp: " + problem)
        }
    }

    @Test(arguments: [
        ("request (failed|timed out) after", "request "), ("a+bc", "bc"), ("(?i)abc", ""), ("x*", ""), ("a|b", ""),
        ("^é[0-9]", "é"), ("(abc)+d", "abc"), ("ab{2}", "a"), ("[a]bc", "abc"), ("a?bcd", "bcd"),
    ])
    func knowsWhatEveryMatchHasInIt(pattern: String, text: String) throws {
        #expect(String(decoding: try RegularExpression(pattern).requiredText, as: UTF8.self) == text)
    }

    @Test func takesLinearTimeForPatternsThatExplodeElsewhere() throws {
        let matcher = RegexMatcher(try RegularExpression("(a+)+b"), anchored: true)
        #expect(!matcher.matches(String(repeating: "a", count: 20_000)))
        #expect(matcher.matches(String(repeating: "a", count: 20_000) + "b"))
    }

    @Test func forgetsStatesInsteadOfGrowing() throws {
        let matcher = RegexMatcher(try RegularExpression("(a|b)*a(a|b){11}"), anchored: true)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let text = String((0..<64).map { _ in Bool.random(using: &generator) ? "a" : "b" })
            let expected = Array(text)[text.count - 12] == "a"
            #expect(matcher.matches(text) == expected)
        }
    }

    /// The leftmost match; of alternatives the first; as RE2 has it.
    @Test(
        arguments: [
            ("(a+)(b?)", "xaab", ["aab", "aa", "b"]), ("(a+?)(.*)", "xaab", ["aab", "a", "ab"]),
            ("(GET|G|PUT) (p.*?)/", "GET path=/a/0", ["GET path=/", "GET", "path="]),
            ("(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""]),
            ("(?U)(a+)(.*)$", "aab", ["aab", "a", "ab"]), ("(a)|(b)", "b", ["b", "-", "b"]), ("(x*)", "aa", ["", ""]),
            ("((a)(b))+", "abab", ["abab", "ab", "a", "b"]), ("(?:a)(b)", "ab", ["ab", "b"]),
            ("(a{2,3}?)", "aaa", ["aa", "aa"]),
            ("^(b)", "ab", []), (#"\b(\w+)$"#, "foo bär baz", ["baz", "baz"]), ("(ö+)", "xööy", ["öö", "öö"]),
            ("(?m)^(b.*)$", "a\nbc\nd", ["bc", "bc"]),
            ("(?i)(STATUS)=(\\d+)", "Status=500", ["Status=500", "Status", "500"]),
        ] as [(String, String, [String])])
    func findsGroups(pattern: String, text: String, expected: [String]) throws {
        let extractor = RegexExtractor(try RegexExtraction(pattern), anchored: false)
        var text = text
        let groups = text.withUTF8 { bytes in
            (extractor.groups(bytes) ?? []).map { range in
                range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "-"
            }
        }
        #expect(groups == expected)
    }

    @Test func findsGroupsOfWholeTexts() throws {
        let extraction = try RegexExtraction("(?P<first>a|ab)(.*?)")
        #expect(extraction.groupNames == ["first", nil])
        let extractor = RegexExtractor(extraction, anchored: true)
        let whole = Array("abc".utf8).withUnsafeBufferPointer { extractor.groups($0) }
        #expect(whole == [0..<3, 0..<1, 1..<3])
        #expect(Array("xabc".utf8).withUnsafeBufferPointer { extractor.groups($0) } == nil)
    }

    @Test func findsGroupsInTimeInProportionToTheText() throws {
        let extractor = RegexExtractor(try RegexExtraction("(a*)*(a*)*(a*)*(b)"), anchored: false)
        let text = Array(String(repeating: "a", count: 20_000).utf8) + Array("b".utf8)
        #expect(text.withUnsafeBufferPointer { extractor.groups($0)?[4] } == 20_000..<20_001)
    }

    @Test(arguments: [
        "(?:(?:(?:(?:){1000}){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}", "(((a{0}){1000}){1000}){1000}",
        "((a{1000}){1000}){1000}",
    ])
    func repetitionsOfNothingAreCounted(pattern: String) {
        #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
        #expect(throws: RegularExpressionError.self) { try RegexExtraction(pattern) }
    }

    @Test func aMeterEndsWhatMeetsTooManyStates() throws {
        var left = 100_000
        let meter: RegexMatcher.Meter = { steps in
            left -= steps
            return left > 0
        }
        let expression = try RegularExpression("(a|b)*a(a|b){500}c")
        let matcher = RegexMatcher(expression, anchored: false, meter: meter)
        // The numbers' bits: no two stretches are alike.
        let text = (0..<4_000).map { String($0, radix: 2) }.joined()
            .replacing("0", with: "a").replacing("1", with: "b")
        #expect(!matcher.matches(text + "c"))
        #expect(left <= 0 && left > -2 * expression.size)
        left = 100_000
        let words = RegexMatcher(try RegularExpression(#"\bx(a|b){500}\b"#), anchored: false, meter: meter)
        #expect(!words.matches("x" + text))
        #expect(left <= 0)
    }

    @Test(arguments: [
        "", "abc", "a|bc|", "(a)(?:b)", "[^a]é|.", "(?i)straße\\b", "a{3}", "(ab){2,5}", "(a|b){2,}c*", "x+?y??",
        "((a{3}){4}){5}",
        "(){7}", "^$", "(?:a?){9}", "[^\\x00-\\x{10FFFF}]",
    ])
    func theSizeIsKnownBeforeAnythingIsBuilt(pattern: String) throws {
        let node = try RegexParser.parse(pattern).node
        for savesGroups in [false, true] {
            let program = try RegexProgram(node, pattern: pattern, savesGroups: savesGroups)
            #expect(RegexSize(node, savesGroups: savesGroups).instructions == program.instructions.count - 1)
        }
    }

    /// Whoever has to refuse many of these must not build each up to the limit first.
    @Test(arguments: ["((((a{1000}){1000}){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}", "(a{1000}){50}"])
    func whatIsTooLargeIsNotBuilt(pattern: String) throws {
        #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
        let size = RegexSize(try RegexParser.parse(pattern).node, savesGroups: false)
        #expect(max(size.instructions, size.pieces) >= 50_000 && max(size.instructions, size.pieces) <= RegexSize.most)
    }

    @Test func statesThatAreForgottenAreBuiltAgain() throws {
        // More states than are kept, within one text.
        let matcher = RegexMatcher(try RegularExpression("(a|b)*a(a|b){24}c"), anchored: false)
        let text = (0..<700).map { String($0, radix: 2) }.joined()
            .replacing("0", with: "a").replacing("1", with: "b")
        #expect(matcher.matches(text + "a" + String(repeating: "b", count: 24) + "c"))
        #expect(!matcher.matches(text + "a" + String(repeating: "b", count: 50) + "c"))
    }

    @Test func aTextIsFoundAlsoWhereItNearlyIsEverywhere() {
        func place(_ needle: String, _ text: String, from start: Int = 0) -> Int? {
            Array(text.utf8).withUnsafeBufferPointer { $0.firstPlace(of: Array(needle.utf8), from: start) }
        }
        let many = String(repeating: "a", count: 100_000)
        let needle = String(repeating: "a", count: 20_000) + "b"
        #expect(place(needle, many) == nil)
        #expect(place(needle, many + "b") == 80_000)
        #expect(place(needle, many + "b", from: 80_001) == nil)
        #expect(place(needle, "b" + many + "ab") == 80_002)
        #expect(place("", "abc", from: 2) == 2 && place("c", "abc") == 2 && place("c", "abc", from: 3) == nil)
        #expect(place("abab", "abaabab") == 3 && place("x", "") == nil)
    }
}
