import Encoding
import Testing

@Suite("Reading JSON5")
struct JSON5Tests {
    @Test(
        "What JSON does not have",
        arguments: [
            ("// a comment\n1 /* and\nanother */", .integer(1)),
            ("[1, 2,]", [1, 2]),
            ("{a: 1, $b_2: 2, 'c d': 3, \"e\": 4,}", ["a": 1, "$b_2": 2, "c d": 3, "e": 4]),
            ("{ünï: 1, a\\u0062c: 2}", ["ünï": 1, "abc": 2]),
            ("'it\\'s \"quoted\"'", "it's \"quoted\""),
            ("'one \\\ntwo \\\r\nthree'", "one two three"),
            ("'\\x41\\u00e9\\ud83d\\ude00\\v\\0\\q\\\\'", "Aé😀\u{B}\0q\\"),
            ("0xFF", .integer(255)),
            ("-0x1f", .integer(-31)),
            ("+7", .integer(7)),
            (".5", .double(0.5)),
            ("5.", .double(5)),
            ("-1.5e+2", .double(-150)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("\u{FEFF}\u{A0}null\u{2003}", .null),
            ("[true, false, {}, []]", [true, false, [:], []]),
        ] as [(String, JSONValue)])
    func extensions(text: String, value: JSONValue) throws {
        #expect(try JSON5Value(parsing: text).json == value)
    }

    @Test("All of JSON is JSON5")
    func json() throws {
        let text = #"{"a":[1,-2.5e3,"\u00e9\n\"",null,true],"b":{"c":{}}}"#
        #expect(try JSON5Value(parsing: text).json == JSONValue(parsing: text))
    }

    @Test(
        "What is refused, and where",
        arguments: [
            ("", "1:1: the text ends where a value was expected"),
            ("1 2", "1:3: something follows the value"),
            ("{a: 1 b: 2}", "1:7: expected ',' or '}'"),
            ("{a 1}", "1:4: expected ':' after 'a'"),
            ("{a: 1,\n a: 2}", "2:2: 'a' is given twice"),
            ("{\n  -: 1}", "2:3: expected a member's name instead of '-'"),
            ("{a: 1", "1:1: the object does not end"),
            ("[1,\n [2,", "2:5: the text ends where a value was expected"),
            ("[1", "1:1: the array does not end"),
            ("[1 2]", "1:4: expected ',' or ']'"),
            ("{a: tasks}", "1:5: expected a value: a text such as 'tasks' needs quotes"),
            ("[Infinity]", "1:2: expected a finite number"),
            ("-Infinity", "1:1: expected a finite number"),
            ("NaN", "1:1: expected a finite number"),
            ("1e999", "1:1: the number is out of range"),
            ("0xFFFFFFFFFFFFFFFFF", "1:1: the number is out of range"),
            ("0x", "1:3: expected a hex digit"),
            ("007", "1:1: a number may not start with 0"),
            ("1e", "1:3: expected a digit"),
            ("12px", "1:3: expected the number to end before 'p'"),
            ("+", "1:1: expected a number"),
            (".", "1:1: expected a number"),
            ("'abc\ndef'", "1:5: a text ends on its line: expected the closing quote, or '\\' before the line's end"),
            ("'abc", "1:1: the text does not end"),
            ("'\\u12'", "1:6: expected 4 hex digits"),
            ("'\\ud800'", "1:8: half a surrogate pair"),
            ("'\\1'", "1:4: unknown escape '\\1'"),
            ("/* no end", "1:1: the comment does not end"),
            ("[1, ?]", "1:5: expected a value instead of '?'"),
            (String(repeating: "[", count: 70), "1:65: nested deeper than 64"),
        ])
    func refused(text: String, message: String) {
        let error = #expect(throws: JSON5Error.self) { try JSON5Value(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("Bytes that are no UTF-8")
    func encoding() {
        #expect(throws: JSON5Error.self) { try JSON5Value(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test("Values know where they stand, whatever the line ends")
    func places() throws {
        let value = try JSON5Value(parsing: "{\r\n  a: 1,\r  'b': [\n'x'],\n}")
        guard case .object(let members) = value.content, case .array(let elements) = members[1].value.content else {
            Issue.record("expected an object with an array")
            return
        }
        #expect(members.map(\.place) == [TextPlace(line: 2, column: 3), TextPlace(line: 3, column: 3)])
        #expect(members[0].value.place == TextPlace(line: 2, column: 6))
        #expect(elements[0].place == TextPlace(line: 4, column: 1))
    }
}
