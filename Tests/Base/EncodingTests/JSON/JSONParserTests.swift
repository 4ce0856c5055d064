import Encoding
import Testing

@Suite("The JSON parser (RFC 8259)")
struct JSONParserTests {
    static let accepted: [(String, JSONValue)] = [
        ("null", nil), ("true", true), ("false", false),
        (" \t\r\n1 \t\r\n", 1),
        ("0", 0), ("-0", 0), ("-1", -1), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)),
        ("0.5", 0.5), ("-0.5", -0.5), ("1.0", 1.0), ("1e3", 1000.0), ("1E3", 1000.0), ("1e+3", 1000.0), ("1e-3", 0.001),
        ("0e1", 0.0), ("1.5e300", 1.5e300), ("1e-999", 0.0),
        (#""""#, ""), (#""a""#, "a"), (#""é€😀""#, "é€😀"), ("\"\u{7F}\"", "\u{7F}"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u00E9\u20AC""#, "Aéé€"), (#""\ud83d\ude00""#, "😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (#""\u0000""#, "\0"), (#""\uFFFF""#, "\u{FFFF}"), (#""ab\ncd""#, "ab\ncd"),
        ("[]", []), ("[ ]", []), ("[1]", [1]), ("[1,\"a\",null,[true]]", [1, "a", nil, [true]]),
        ("{}", [:]), ("{ }", [:]), (#"{"a":1}"#, ["a": 1]), (#"{ "a" : { "b" : [ ] } }"#, ["a": ["b": []]]),
        (#"{"":0}"#, ["": 0]),
    ]

    @Test("The parser accepts valid JSON", arguments: accepted)
    func validJSONIsAccepted(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    static let refused: [String] = [
        "", " ", "\n", "nul", "nulls", "tru", "TRUE", "True", "NaN", "Infinity", "-Infinity", "undefined", "'a'",
        "-", "+1", "01", "-01", "1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "0x10", "1_000", "1,000", "1 2", "- 1",
        "1e400", "-1e400", "00", "1.2.3", "1ee2", "\u{661}",
        "\"", "\"a", #""\"#, #""\""#, #""\x41""#, #""\u""#, #""\u12""#, #""\u12G4""#, #""\U0041""#, #""\u+041""#,
        #""\ud800""#, #""\ud800x""#, #""\ud800\u0041""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud83d\""#,
        "\"a\nb\"", "\"a\tb\"", "\"\0\"", "\"\u{1F}\"", "\"\\n\u{1}\"",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "[\"a\":1]",
        "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{a:1}", "{1:1}",
        "{\"a\":1 \"b\":2}", "{\"a\":1]", "{\"a\"::1}", "{null:1}",
        "{} {}", "[] x", "1 // comment", "/* comment */ 1", "\u{FEFF}1", "\u{A0}1", "\u{C}1", "\u{B}1",
    ]

    @Test("The parser refuses invalid JSON", arguments: refused)
    func invalidJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    static let notUTF8: [[UInt8]] = [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0xFF],
        [0xEF, 0xBB, 0xBF],
    ]

    @Test("The parser refuses bytes that are not UTF-8", arguments: notUTF8)
    func invalidUTF8IsRefused(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("The parser replaces bytes that are not UTF-8 when it repairs text", arguments: notUTF8.dropLast(2))
    func invalidUTF8IsRepairedOnRequest(bytes: [UInt8]) throws {
        let text = try #require(try JSONValue(parsing: bytes, repairingText: true).string)
        #expect(text.contains("\u{FFFD}"))
    }

    @Test(
        "The parser replaces half surrogate pairs, and nothing else, when it repairs text",
        arguments: [
            (#""\ud800""#, "\u{FFFD}"), (#""\ud800x""#, "\u{FFFD}x"), (#""\ud800\u0041""#, "\u{FFFD}A"),
            (#""\udc00""#, "\u{FFFD}"), (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), (#""\u12G4""#, nil), ("\"a\nb\"", nil),
        ] as [(String, String?)])
    func halfSurrogatePairsAreRepairedOnRequest(text: String, expected: String?) {
        #expect((try? JSONValue(parsing: Array(text.utf8), repairingText: true))?.string == expected)
    }

    @Test("An error says what was expected and where")
    func anErrorSaysWhatWasExpectedAndWhere() {
        #expect(throws: JSONError(message: "expected ':'", offset: 5)) { try JSONValue(parsing: #"{"a" 1}"#) }
        #expect(throws: JSONError(message: "the array does not end", offset: 3)) { try JSONValue(parsing: "[10") }
        #expect(
            JSONError(message: "expected a value", offset: 7).description
                == "not valid JSON at byte 7: expected a value")
    }

    @Test("The parser limits how deep values nest, not how many stand side by side")
    func nestingIsLimitedInDepthOnly() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONValue(parsing: nested(64)).array?.count == 1)
        #expect(throws: JSONError(message: "nested deeper than 64", offset: 65)) { try JSONValue(parsing: nested(65)) }
        // A megabyte of brackets must end in an error, not in a stack overflow.
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[{\"a\":", count: 200_000)) }
        let wide = "[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]"
        #expect(try JSONValue(parsing: wide).array?.count == 1000)
    }

    @Test("The last of two members with the same name wins")
    func theLastMemberOfANameWins() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)["a"] == 3)
    }

    @Test("Integers are read from whole numbers")
    func integersAreReadFromWholeNumbers() throws {
        #expect(try JSONValue(parsing: "3.0").integer == 3)
        #expect(try JSONValue(parsing: "3.5").integer == nil)
        #expect(try JSONValue(parsing: "1e30").integer == nil)
        #expect(JSONValue.string("3").integer == nil)
        #expect(JSONValue.integer(3).double == 3)
    }

    @Test(
        "The parser refuses a text whose value would exceed the memory limit",
        arguments: ["[0],", "{},", "{\"a\":1},", "\"\",", "\"0123456789abcdef\",", "\"\\u0041\",", "1,"])
    func aTextThatExceedsTheMemoryLimitIsRefused(element: String) throws {
        let text = "[" + String(repeating: element, count: 50_000) + "0]"
        #expect(try JSONValue(parsing: Array(text.utf8), maximumSize: 20 << 20).array?.count == 50_001)
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: Array(text.utf8), maximumSize: 2 << 20)
        }
        #expect(error?.exceedsLimit == true)
    }

    @Test("Arbitrary bytes never trap")
    func arbitraryBytesNeverTrap() {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array(#"{}[]",:\u0123456789abcdefE+-.trunlse "#.utf8) + [0x00, 0x80, 0xFF, 0xED, 0xA0]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            // Only that it returns matters; what it makes of most of this is an error.
            _ = try? JSONValue(parsing: bytes)
        }
    }
}
