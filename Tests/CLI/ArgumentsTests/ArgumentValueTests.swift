import Testing

@testable import Arguments

@Suite("The values of arguments")
struct ArgumentValueTests {
    @Test(
        "A duration is read from text",
        arguments: [
            ("500ms", .milliseconds(500)), ("1.5s", .milliseconds(1500)), ("10m", .seconds(600)),
            ("2h", .seconds(7200)), ("7d", .seconds(604_800)), ("1m30s", .seconds(90)), ("250us", .microseconds(250)),
            ("0s", .zero), ("", nil), ("5", nil), ("s", nil), ("-5s", nil), ("5 s", nil), ("5weeks", nil),
            ("1.2.3s", nil), ("99999999999d", nil),
        ] as [(String, Duration?)])
    func aDurationIsReadFromText(text: String, expected: Duration?) {
        #expect(Duration(argument: text) == expected)
    }

    @Test("A duration is written as one would type it", arguments: ["500ms", "30s", "10m", "2h", "7d", "90s"])
    func aDurationIsWrittenAsOneWouldTypeIt(text: String) {
        #expect(Duration(argument: text)?.argument == text)
    }

    @Test(
        "An integer is read from text",
        arguments: [("5", 5), ("-5", -5), ("5.0", nil), ("", nil), ("0x10", nil)] as [(String, Int?)])
    func anIntegerIsReadFromText(text: String, expected: Int?) {
        #expect(Int(argument: text) == expected)
    }

    @Test("A seed may be hexadecimal", arguments: [("42", 42), ("0x2a", 42), ("-1", nil)] as [(String, UInt64?)])
    func aSeedMayBeHexadecimal(text: String, expected: UInt64?) {
        #expect(UInt64(argument: text) == expected)
    }

    @Test(
        "A decimal is read from text",
        arguments: [("0.5", 0.5), ("1e3", 1000), ("inf", nil), ("nan", nil)] as [(String, Double?)])
    func aDecimalIsReadFromText(text: String, expected: Double?) {
        #expect(Double(argument: text) == expected)
    }

    @Test(
        "A URL is checked for its scheme and its host",
        arguments: [
            ("http://127.0.0.1:8080", true), ("https://x", true), ("ftp://x", false), ("http://", false),
            ("http:///x", false), ("127.0.0.1", false), ("http://a b", false),
        ])
    func aURLNeedsASchemeAndAHost(text: String, expected: Bool) {
        #expect(Check<String>.url.accepts(text) == expected)
    }
}
