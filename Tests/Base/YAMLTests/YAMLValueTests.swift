import Encoding
import Testing

@testable import YAML

@Suite("YAML values with their places in the text")
struct YAMLValueTests {
    private func read(_ text: String, limits: YAMLLimits = .init()) throws(YAMLError) -> YAMLValue {
        try YAMLValue(parsing: Array(text.utf8), limits: limits)
    }

    @Test("A value without its places equals what the plain reader returns")
    func aValueWithoutPlacesEqualsThePlainReading() throws {
        let text = "a: [1, x]\nb: {c: true, d: null, e: 1.5}\n"
        #expect(try read(text).json == YAML.document(Array(text.utf8)))
    }

    @Test("Keys and values have the places where they begin, with any line ending", arguments: ["\n", "\r\n", "\r"])
    func keysAndValuesHaveTheirStartingPlaces(lineEnd: String) throws {
        let text = "# ünï\na: 1\n'b':\n  - x\n  - {c: d}\n".replacing("\n", with: lineEnd)
        guard case .mapping(let members) = try read(text).content, case .list(let elements) = members[1].value.content,
            case .mapping(let inner) = elements[1].content
        else {
            Issue.record("expected a mapping with a list")
            return
        }
        #expect(members.map(\.place) == [TextPlace(line: 2, column: 1), TextPlace(line: 3, column: 1)])
        #expect(members[0].value.place == TextPlace(line: 2, column: 4))
        #expect(members[1].value.place == TextPlace(line: 4, column: 3))
        #expect(elements.map(\.place) == [TextPlace(line: 4, column: 5), TextPlace(line: 5, column: 5)])
        #expect(inner.map(\.place) == [TextPlace(line: 5, column: 6)])
    }

    @Test("An alias has the place of its anchor")
    func anAliasHasThePlaceOfItsAnchor() throws {
        guard case .mapping(let members) = try read("a: &x [1]\nb: *x\n").content else {
            Issue.record("expected a mapping")
            return
        }
        #expect(members[1].value.place == TextPlace(line: 1, column: 4))
        #expect(members[1].value.json == [1])
    }

    @Test(
        "A common mistake is refused with its place and a remedy",
        arguments: [
            ("", "1:1: expected a document: there is nothing in it"),
            ("# only a comment\n", "1:1: expected a document: there is nothing in it"),
            ("a: 1\n---\nb: 2\n", "3:1: expected one document: here a second one begins"),
            ("a: 1\nb: 2\na: 3\n", "3:1: the key a stands here twice"),
            (
                "a:\n\tb: 1\n",
                "2:1: found character that cannot start any token while scanning for the next token: "
                    + "indent by spaces, not by tabs"
            ),
            (
                "é: ü\nb: @x\n",
                "2:4: found character that cannot start any token while scanning for the next token: "
                    + "a text that begins with '@' needs quotes"
            ),
            (
                "a: > 10\n",
                "1:6: did not find expected comment or line break while scanning a block scalar: "
                    + "a text that begins with '>' or '|' needs quotes"
            ),
            ("a: 'x' 'y'\n", "1:8: did not find expected key while parsing a block mapping"),
            ("a: &x [*x]\n", "1:8: unknown alias *x"),
        ])
    func aCommonMistakeIsRefusedWithPlaceAndRemedy(text: String, message: String) {
        let error = #expect(throws: YAMLError.self) { try read(text) }
        #expect(error.map { "\($0.place): \($0.message)" } == message)
    }

    @Test("Bytes that are not UTF-8 are refused with their place")
    func bytesThatAreNotUTF8AreRefusedWithTheirPlace() {
        let error = #expect(throws: YAMLError.self) {
            try YAMLValue(parsing: Array("a: ü\nbé: ".utf8) + [0xFF, 0x0A])
        }
        #expect(error == YAMLError(message: "invalid leading UTF-8 octet", line: 2, column: 5))
    }

    @Test("A text that exceeds a limit is refused, and one that reaches it is read")
    func aTextOverALimitIsRefused() throws {
        let text = "a: [x, x]\n"
        #expect(throws: YAMLError(message: "longer than 9 bytes", line: 1, column: 1)) {
            try read(text, limits: .init(bytes: 9))
        }
        // The mapping, the list and two elements.
        #expect(throws: YAMLError(message: "more than 3 values", line: 1, column: 8)) {
            try read(text, limits: .init(values: 3))
        }
        #expect(throws: YAMLError(message: "nested more than 2 deep", line: 1, column: 5)) {
            try read(text, limits: .init(depth: 2))
        }
        #expect(try read(text, limits: .init(bytes: 10, values: 4, depth: 3)).json == ["a": ["x", "x"]])
    }

    @Test("An alias counts as all the values it stands for")
    func anAliasCountsAsTheValuesItStandsFor() {
        // 4 of a, 16 of b, 52 of c, the mapping, and 1 more for each alias itself.
        let text = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"
        let error = #expect(throws: YAMLError.self) { try read(text, limits: .init(values: 72)) }
        #expect(error?.message == "more than 72 values")
        #expect(throws: Never.self) { try read(text, limits: .init(values: 73)) }
    }
}
