import Encoding
import Testing

@Suite("The JSON writer")
struct JSONWriterTests {
    @Test("Commas stand only between values")
    func commasSeparateValuesOnly() {
        var json = JSONWriter()
        json.object {
            $0.member("a", 1)
            $0.name("b")
            $0.array { json in
                json.object { _ in }
                json.array { _ in }
                json.value("x")
                json.null()
            }
            $0.name("c")
            $0.object { $0.member("d", true) }
            $0.member("e", 0.5)
        }
        #expect(json.string == #"{"a":1,"b":[{},[],"x",null],"c":{"d":true},"e":0.5}"#)
    }

    @Test("A writer can be used again")
    func aWriterCanBeUsedAgain() {
        var json = JSONWriter()
        json.value(1)
        json.removeAll()
        json.value(2)
        #expect(json.string == "2")
    }

    static let texts: [(String, String)] = [
        ("", #""""#), ("plain", #""plain""#), ("a\"b\\c/d", #""a\"b\\c/d""#),
        ("\n\r\t", #""\n\r\t""#), ("\0\u{8}\u{C}\u{1F}\u{7F}", "\"\\u0000\\u0008\\u000c\\u001f\u{7F}\""),
        ("é€😀\u{2028}", "\"é€😀\u{2028}\""), ("\"", #""\"""#), ("a\n", #""a\n""#), ("\na", #""\na""#),
    ]

    @Test("Texts are escaped as little as possible", arguments: texts)
    func textsAreEscapedAsLittleAsPossible(text: String, expected: String) throws {
        var json = JSONWriter()
        json.value(text)
        #expect(json.string == expected)
        #expect(try JSONValue(parsing: json.bytes) == .string(text))
    }

    /// Texts are copied in pieces of eight and four bytes, so every length and every place counts.
    @Test("A character is escaped at every place of a text", arguments: 0...33)
    func aCharacterIsEscapedAtEveryPlaceOfAText(length: Int) {
        let plain = String("abcdefghijklmnopqrstuvwxyzABCDEFGH".prefix(length))
        var json = JSONWriter()
        json.value(plain)
        #expect(json.string == "\"\(plain)\"")
        for index in plain.indices {
            json.removeAll()
            let (before, after) = (plain[..<index], plain[plain.index(after: index)...])
            json.value("\(before)\"\(after)")
            #expect(json.string == "\"\(before)\\\"\(after)\"")
        }
    }

    static let numbers: [(Double, String)] = [
        (0, "0"), (1, "1"), (-1, "-1"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e21, "1e+21"),
        (-2.5e-7, "-2.5e-07"),
        (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        (-9_223_372_036_854_775_808, "-9.223372036854776e+18"), (9_223_372_036_854_775_808, "9.223372036854776e+18"),
        (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
    ]

    @Test("Numbers are valid JSON and keep their value", arguments: numbers)
    func numbersAreValidJSONAndKeepTheirValue(value: Double, expected: String) throws {
        var json = JSONWriter()
        json.value(value)
        #expect(json.string == expected)
        if value.isFinite { #expect(try JSONValue(parsing: json.bytes).double == value) }
    }

    @Test("Integers cover the full 64-bit range", arguments: [Int64.min, -1, 0, 9, 10, .max])
    func integersCoverTheFullRange(value: Int64) {
        var json = JSONWriter()
        json.value(value)
        #expect(json.string == String(value))
    }

    @Test("Written values read back unchanged")
    func writtenValuesReadBackUnchanged() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let value = Self.random(depth: 4, &generator)
            #expect(try JSONValue(parsing: value.description) == value)
        }
    }

    private static func random(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64(bitPattern: generator.next()))
        case 3:
            // A fraction keeps it from reading back as an integer.
            return .double(Double(Int64.random(in: -1_000_000...1_000_000, using: &generator)) + 0.25)
        case 4: return .string(randomText(&generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, &generator) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                        (name: randomText(&generator), value: random(depth: depth - 1, &generator))
                    }))
        }
    }

    private static func randomText(_ generator: inout SeededGenerator) -> String {
        let scalars = (0..<Int.random(in: 0...8, using: &generator)).map { _ -> Unicode.Scalar in
            let limit: UInt32 = Bool.random(using: &generator) ? 0x7F : 0x10FFFF
            return Unicode.Scalar(UInt32.random(in: 0...limit, using: &generator)) ?? "\u{FFFD}"
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
