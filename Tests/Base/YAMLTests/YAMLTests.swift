import Encoding
import Testing

@testable import YAML

@Suite("The YAML reader")
struct YAMLTests {
    private func read(_ text: String) throws -> JSONValue { try YAML.document(Array(text.utf8)) }

    @Test func mappingsAndSequencesAreRead() throws {
        let value = try read("a: 1\nb: [x, 'y', \"z\"]\nc:\n  - d: {e: f}\n")
        #expect(value == ["a": 1, "b": ["x", "y", "z"], "c": [["d": ["e": "f"]]]])
    }

    @Test(
        arguments: [
            ("true", .bool(true)), ("False", .bool(false)), ("null", .null), ("~", .null), ("", .null),
            ("12", .integer(12)), ("-7", .integer(-7)), ("+7", .integer(7)), ("0x1F", .integer(31)),
            ("0o17", .integer(15)),
            ("1.5", .double(1.5)), (".5", .double(0.5)), ("-.5", .double(-0.5)), ("2.", .double(2)),
            ("1e3", .double(1000)),
            ("yes", "yes"), ("on", "on"), ("5m", "5m"), ("1.2.3", "1.2.3"), ("e5", "e5"), ("nan", "nan"), ("-x", "-x"),
            ("0x1p3", "0x1p3"), ("0x-1", "0x-1"), ("-0x1", "-0x1"), ("0o+7", "0o+7"), ("'12'", "12"),
            ("\"true\"", "true"), ("!!str 12", "12"), ("2026-11-20", "2026-11-20"),
        ] as [(String, JSONValue)])
    func plainScalarsResolveToTheirTypes(_ text: String, _ expected: JSONValue) throws {
        #expect(try read("- \(text)\n") == .array([expected]))
    }

    @Test func aliasesAndMergeKeysAreResolved() throws {
        let value = try read(
            "x: &base {a: 1, b: 2}\ny: &more {b: 3, c: 4}\nz:\n  b: 0\n  <<: [*base, *more]\nw: *base\n")
        #expect(value["z"] == ["b": 0, "a": 1, "c": 4])
        #expect(value["w"] == ["a": 1, "b": 2])
    }

    @Test func blockScalarsAreRead() throws {
        #expect(try read("a: |\n  one\n  two\nb: >-\n  one\n  two\n") == ["a": "one\ntwo\n", "b": "one two"])
    }

    @Test func severalDocumentsAreRead() throws {
        #expect(try YAML.parse(Array("a: 1\n---\nb: 2\n".utf8)) == [["a": 1], ["b": 2]])
        #expect(try YAML.parse([]) == [])
        #expect(throws: YAMLError(message: "expected one document, not 2", line: 1, column: 1)) {
            try YAML.document(Array("a: 1\n---\nb: 2\n".utf8))
        }
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "the key a stands here twice", 3, 1), ("a: *b\n", "unknown alias *b", 1, 4),
        ("[a, b]: 1\n", "expected a name as the key", 1, 1),
        ("<<: 5\n", "expected a mapping, or a list of mappings, to merge", 1, 1),
    ])
    func anErrorSaysWhereItOccurred(_ text: String, _ message: String, _ line: Int, _ column: Int) {
        #expect(throws: YAMLError(message: message, line: line, column: column)) { try read(text) }
    }

    @Test func aSyntaxErrorQuotesTheParser() {
        let error = #expect(throws: YAMLError.self) { try read("a: [1, 2\nb: 3\n") }
        #expect(error?.line == 2)
        #expect(error?.message.contains("flow sequence") == true)
    }

    @Test func aliasesThatGrowExponentiallyAreRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [" + Array(repeating: alias, count: 10).joined(separator: ", ") + "]\n"
        }
        let error = #expect(throws: YAMLError.self) { try read(text) }
        #expect(error?.message == "more than 1000000 values")
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        let error = #expect(throws: YAMLError.self) { try read(text) }
        #expect(error?.message == "nested more than 200 deep")
    }
}
