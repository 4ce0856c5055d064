import Testing

@testable import Verification

@Suite("The regular expressions that RE2 and JavaScript share") struct SharedDialectTests {
    @Test(arguments: [
        "^trace_id$", #""trace_id":"([0-9a-f]{32})""#, "  trace_id=([0-9a-f]{32}) span_id=", #"[\w.-]+\s\d\b\.\x41"#,
        "(?:a|b)+?", "(?<id>[0-9a-f]+)", #"[^\]"\\]*"#, "[[a]", "",
    ])
    func thePatternSyntaxOfBothEnginesIsAccepted(_ pattern: String) {
        #expect(SharedDialect.foreign(in: pattern) == nil)
    }

    @Test(
        arguments: [
            ("([[:xdigit:]]{32})", "[[:xdigit:]]", .re2), ("[a[:digit:]]", "[[:digit:]]", .re2),
            ("(?i)x", "(?i)", .re2),
            ("(?s-m:x)", "(?s-m:", .re2), ("(?P<id>x)", "(?P<", .re2), (#"\Ax\z"#, #"\A"#, .re2),
            (#"x\z"#, #"\z"#, .re2), (#"\pL"#, #"\p"#, .re2), (#"\Qx\E"#, #"\Q"#, .re2), (#"\x{41}"#, #"\x{"#, .re2),
            ("[]a]", "[]", .re2), ("(?=x)", "(?=", .javaScript), ("(?<!x)y", "(?<!", .javaScript),
            (#"(.)\1"#, #"\1"#, .javaScript), (#"\u0041"#, #"\u"#, .javaScript), (#"[\b]"#, #"[\b]"#, .javaScript),
        ] as [(String, String, SharedDialect.Dialect)])
    func syntaxThatOnlyOneEngineKnowsIsNamed(_ pattern: String, _ text: String, _ dialect: SharedDialect.Dialect) {
        #expect(SharedDialect.foreign(in: pattern) == .init(text: text, dialect: dialect))
    }

    /// A backslash escapes the next character.
    @Test(arguments: [#"\\A"#, #"\(?i\)"#, #"\[[:digit:]"#])
    func escapedCharactersAreIgnored(_ pattern: String) {
        #expect(SharedDialect.foreign(in: pattern) == nil)
    }
}
