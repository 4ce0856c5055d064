import Testing

@testable import RegularExpressions

@Suite("Regular expressions")
struct RegularExpressionTests {
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
        (".*", "", true), ("\\pL+", "aé", true), ("\\p{Greek}", "λ", true), ("[^\\PL]", "1", false),
        ("(?i)é", "É", true), ("a\u{0}b", "a\u{0}b", true), ("a\u{0}b", "a", false),
    ])
    func anAnchoredMatcherMatchesWholeTexts(pattern: String, text: String, expected: Bool) throws {
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
    func anUnanchoredMatcherFindsPartsOfTexts(pattern: String, text: String, expected: Bool) throws {
        let matcher = RegexMatcher(try RegularExpression(pattern), anchored: false)
        #expect(matcher.matches(text) == expected)
        // What is kept of the first search answers the same.
        #expect(matcher.matches(text) == expected)
    }

    @Test(arguments: [
        ("(", "missing closing ): `(`"), ("a)", "unexpected ): `a)`"), ("[a", "missing closing ]: `[a`"),
        ("*a", "missing argument to repetition operator: `*`"), ("a**", "invalid nested repetition operator: `**`"),
        ("a\\", "trailing backslash at end of expression: ``"), ("\\y", "invalid escape sequence: `\\y`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"), ("[z-a]", "invalid character class range: `z-a`"),
        ("(?<n", "invalid named capture: `(?<n`"), ("(?z)", "invalid or unsupported Perl syntax: `(?z`"),
        ("(((a{1000}){1000}){1000})", "invalid repeat count: `{1000}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"), ("(?<=a)b", "invalid named capture: `(?<=a)b`"),
        ("(?<a b>c)d", "invalid named capture: `(?<a b>`"), ("(?P<é>a)", "invalid named capture: `(?P<é>`"),
        ("(?P<>a)", "invalid named capture: `(?P<>`"), ("(?P<q", "invalid named capture: `(?P<q`"),
        ("(?<a>x)(", "missing closing ): `(?<a>x)(`"),
        ("[[:no:]]", "invalid character class range: `[:no:]`"), ("\\pX", "invalid character class range: `\\pX`"),
        ("\\C", "invalid escape sequence: `\\C`"), ("(a)\\1", "invalid escape sequence: `\\1`"),
    ])
    func badPatternsAreRefusedWithAReason(pattern: String, problem: String) {
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
        (".*declined.*", "declined"), ("x(abc)?y", "x"), ("x(abc|de)", "x"), ("(ab|cd)", ""), ("a(b(cde)f)", "cde"),
        ("\\Qa.b\\E+c", "a."), ("\\.x\\{", ".x{"), ("[[:alpha:]]bc", "bc"), ("[]a]bc", "bc"), ("[^]]bc", "bc"),
        ("\\x{263A}yz", "yz"), ("\\x41yz", "yz"), ("\\101yz", "yz"), ("\\pLyz", "yz"), ("\\p{Greek}yz", "yz"),
        ("x(?i:yy)z", ""), ("(?s)a.bc", "bc"), ("a{,2}b", "a{,2}b"), ("a{0,2}b", "b"), ("(?P<n>ab)c", "ab"),
        ("(abcd){0}e", "e"), ("éa*bb", "bb"), ("[\\]]bc", "bc"), ("(abc(?:d|e){2}fghi)+", "fghi"), ("ab*?c", "a"),
        ("ab{2}(?s)?cd", ""), ("ab+\\Q\\E?cd", ""), ("xy(?s)ab", "xy"),
    ])
    func anExpressionKnowsTheTextThatEveryMatchContains(pattern: String, text: String) throws {
        #expect(String(decoding: try RegularExpression(pattern).requiredText.bytes, as: UTF8.self) == text)
    }

    @Test func aMatchTakesLinearTimeForPathologicalPatterns() throws {
        let matcher = RegexMatcher(try RegularExpression("(a+)+b"), anchored: true)
        #expect(!matcher.matches(String(repeating: "a", count: 20_000)))
        #expect(matcher.matches(String(repeating: "a", count: 20_000) + "b"))
    }

    @Test func aMatcherDropsStatesInsteadOfGrowing() throws {
        let matcher = RegexMatcher(try RegularExpression("(a|b)*a(a|b){11}"), anchored: true)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let text = String((0..<64).map { _ in Bool.random(using: &generator) ? "a" : "b" })
            let expected = Array(text)[text.count - 12] == "a"
            #expect(matcher.matches(text) == expected)
        }
    }

    /// The leftmost match wins, and the first of its alternatives, as in RE2.
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
    func anExtractorFindsGroups(pattern: String, text: String, expected: [String]) throws {
        let extractor = RegexExtractor(try RegexExtraction(pattern), anchored: false)
        var text = text
        let groups = text.withUTF8 { bytes in
            (extractor.groups(bytes) ?? []).map { range in
                range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "-"
            }
        }
        #expect(groups == expected)
    }

    @Test func anAnchoredExtractorFindsGroupsOfWholeTexts() throws {
        let extraction = try RegexExtraction("(?P<first>a|ab)(.*?)")
        #expect(extraction.groupNames == ["first", nil])
        let extractor = RegexExtractor(extraction, anchored: true)
        let whole = Array("abc".utf8).withUnsafeBufferPointer { extractor.groups($0) }
        #expect(whole == [0..<3, 0..<1, 1..<3])
        #expect(Array("xabc".utf8).withUnsafeBufferPointer { extractor.groups($0) } == nil)
    }

    @Test func anExtractionTakesTimeProportionalToTheText() throws {
        let extractor = RegexExtractor(try RegexExtraction("(a*)*(a*)*(a*)*(b)"), anchored: false)
        let text = Array(String(repeating: "a", count: 20_000).utf8) + Array("b".utf8)
        #expect(text.withUnsafeBufferPointer { extractor.groups($0)?[4] } == 20_000..<20_001)
    }

    @Test(arguments: [
        "(?:(?:(?:(?:){1000}){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}", "(((a{0}){1000}){1000}){1000}",
        "((a{1000}){1000}){1000}",
    ])
    func repetitionsOfNothingCountTowardsTheLimit(pattern: String) {
        #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
        #expect(throws: RegularExpressionError.self) { try RegexExtraction(pattern) }
    }

    /// Counts what searches cost.
    private final class Meter: RegexMeter {
        private(set) var left: Int
        private(set) var isSpent = false
        init(_ steps: Int) { left = steps }
        func affords(_ steps: Int) -> Bool {
            isSpent = isSpent || steps > left
            return !isSpent
        }
        func spend(_ steps: Int) -> Bool {
            left -= steps
            return affords(0)
        }
    }

    @Test func aMeterEndsASearchWithTooManyStates() throws {
        let expression = try RegularExpression("(a|b)*a(a|b){500}c")
        // The numbers' bits: no two stretches are alike.
        let text = (0..<4_000).map { String($0, radix: 2) }.joined()
            .replacing("0", with: "a").replacing("1", with: "b")
        let meter = Meter(100_000)
        let matcher = RegexMatcher(expression, anchored: false, meter: meter)
        #expect(!matcher.matches(text + "a" + String(repeating: "b", count: 500) + "c"))
        #expect(meter.isSpent)
        // Nothing is begun that cannot be paid for.
        #expect(meter.left == 100_000)
        let words = Meter(100_000)
        let wordMatcher = RegexMatcher(try RegularExpression(#"\bx(a|b){500}\b"#), anchored: false, meter: words)
        #expect(!wordMatcher.matches("x" + text))
        #expect(words.isSpent)
        let groups = RegexExtractor(try RegexExtraction("(a)*x(b){500}"), anchored: true, meter: Meter(100_000))
        #expect(groups.groups(in: "x" + String(repeating: "b", count: 500)) == nil)
    }

    @Test func everySearchIsChargedToItsMeter() throws {
        let meter = Meter(1_000_000)
        let matcher = RegexMatcher(try RegularExpression("x[ab]{50}"), anchored: true, meter: meter)
        #expect(!matcher.matches(String(repeating: "a", count: 500)))
        let once = 1_000_000 - meter.left
        #expect(once > 50 && once < 5_000)
        for _ in 0..<9 { #expect(!matcher.matches(String(repeating: "a", count: 500))) }
        #expect(1_000_000 - meter.left == 10 * once)
    }

    @Test func theSizeOfAPatternCountsItsRepetitions() throws {
        let (one, many) = (try RegularExpression("a").size, try RegularExpression("a{900}").size)
        #expect(many >= one + 890 && many < one + 2_000)
        #expect(try RegexExtraction("(a)").size == RegularExpression("(a)").size)
        #expect(try RegexExtraction(String(repeating: "(a)", count: 80)).size > 10 * one)
    }

    /// A caller that refuses many of these must not build each one up to the limit first.
    @Test(arguments: ["((((a{1000}){1000}){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}", "(a{1000}){50}"])
    func anExpressionThatIsTooLargeIsNeverBuilt(pattern: String) throws {
        let count = pattern.hasSuffix("{50}") ? "{50}" : "{1000}"
        #expect(throws: RegularExpressionError("invalid repeat count", count)) { try RegularExpression(pattern) }
    }

    @Test func theSizeOfAProgramIsLimited() throws {
        #expect(try RegularExpression(String(repeating: "[ab]{1000}", count: 40)).size > 40_000)
        let larger = String(repeating: "[ab]{1000}", count: 60)
        #expect(throws: RegularExpressionError("expression too large", larger)) { try RegularExpression(larger) }
    }

    @Test func groupsNestAsDeepAsInGo() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
        }
        #expect(try RegularExpression(nested(999)).matchesWhole("a"))
        for pattern in [nested(1_000), nested(50_000)] {
            #expect(throws: RegularExpressionError("expression nests too deeply", pattern)) {
                try RegularExpression(pattern)
            }
        }
    }

    @Test func groupNamesFollowTheSyntaxOfGo() throws {
        #expect(try RegexExtraction("(?P<a>x)(y)(?<b_2>z)").groupNames == ["a", nil, "b_2"])
        // The same name twice is Loki's to refuse.
        #expect(try RegexExtraction("(?P<a>x)|(?P<a>y)").groupNames == ["a", "a"])
        // What only looks like a name.
        let pattern = #"[(?<a>](b)\(?<a>\Q(?<c>\E[[:alpha:](?<d>](?i:(?<e>f))"#
        #expect(try RegexExtraction(pattern).groupNames == [nil, "e"])
        #expect(try RegularExpression("(?<n>a)(?<m>b)c").matchesWhole("abc"))
    }

    /// A scanner that reads more of the pattern as the class than RE2 does would miss the group, or its end.
    @Test(arguments: [
        ("[[:](x)", ":x"), ("(?i)[[:](X)", "[x"), ("[>-[:a:](x)", "ax"), ("[]](x)", "]x"), ("[^]](x)", "ax"),
        ("[a\\]](x)", "]x"), ("[\\d-a](x)", "-x"), ("[[:alpha:]](x)", "bx"),
    ])
    func aClassEndsWhereRE2EndsIt(pattern: String, text: String) throws {
        #expect(try RegexExtraction(pattern).groupNames == [nil])
        #expect(try RegularExpression(pattern).matchesWhole(text))
    }

    /// Texts that a match must contain are looked for first: a wrong one would hide matches.
    @Test(arguments: ["1?{[<-[:alpha:]|", "p[>-[:alpha:]*i|"])
    func aPatternThatMatchesNothingNeedsNoText(pattern: String) throws {
        #expect(try RegularExpression(pattern).matchesWhole(""))
    }

    /// Go differs: it reads a byte that is not UTF-8 as U+FFFD, which `.` matches.
    @Test func bytesThatAreNotUTF8MatchNothing() throws {
        func matches(_ pattern: String, _ bytes: [UInt8]) throws -> Bool {
            let matcher = RegexMatcher(try RegularExpression(pattern), anchored: false)
            return bytes.withUnsafeBufferPointer { matcher.matches($0) }
        }
        #expect(try !matches("a.b", [97, 0xFF, 98]))
        #expect(try !matches("a[^x]b", [97, 0xC3, 98]))
        #expect(try !matches("a\u{FFFD}b", [97, 0xFF, 98]))
        #expect(try matches("a\u{FFFD}b", Array("a\u{FFFD}b".utf8)))
        // The rest of such a text is searched all the same.
        #expect(try matches("b.d", [97, 0xFF, 98, 99, 100, 0xFF]))
        #expect(try matches(".*bc", [97, 0xFF, 98, 99]))
        let extractor = RegexExtractor(try RegexExtraction("(.*)="), anchored: false)
        let groups = ([97, 0xFF, 98, 61] as [UInt8]).withUnsafeBufferPointer { extractor.groups($0) }
        #expect(groups == [2..<4, 2..<3])
    }

    @Test func anEmptyTextWithoutAnAddressCanMatch() throws {
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        #expect(RegexMatcher(try RegularExpression("a*"), anchored: true).matches(nothing))
        let groups = RegexExtractor(try RegexExtraction("(a*)(b)?"), anchored: true).groups(nothing)
        #expect(groups == [0..<0, 0..<0, nil])
    }

    @Test func manyThreadsShareOneExpression() async throws {
        let expression = try RegularExpression("(a|b)*a(a|b){7}c")
        let counts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let matcher = RegexMatcher(expression, anchored: true)
                    return (0..<2_000).count { number in
                        let bits = String(number + 2_048, radix: 2)
                        return matcher.matches(bits.replacing("0", with: "a").replacing("1", with: "b") + "c")
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // The eighth bit from the end is 0 in 128 of every 256, and 2,000 is 7 × 256 + 208.
        #expect(counts == Array(repeating: 7 * 128 + 128, count: 8))
    }

    @Test func droppedStatesAreBuiltAgain() throws {
        // More states than are kept, within one text.
        let matcher = RegexMatcher(try RegularExpression("(a|b)*a(a|b){24}c"), anchored: false)
        let text = (0..<700).map { String($0, radix: 2) }.joined()
            .replacing("0", with: "a").replacing("1", with: "b")
        #expect(matcher.matches(text + "a" + String(repeating: "b", count: 24) + "c"))
        #expect(!matcher.matches(text + "a" + String(repeating: "b", count: 50) + "c"))
    }

    @Test func aSearchStaysFastAmongManyNearMatches() {
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
