import Testing
import Tracing

@Suite("Span attributes")
struct SpanAttributesTests {
    @Test func literalsMakeTypedValues() {
        let attributes: SpanAttributes = [
            "text": "a", "integer": 1, "number": 1.5, "flag": true, "list": ["a", "b"], "interpolated": "\(1 + 1)",
        ]
        #expect(attributes["text"] == .string("a"))
        #expect(attributes["integer"] == .int64(1))
        #expect(attributes["number"] == .double(1.5))
        #expect(attributes["flag"] == .bool(true))
        #expect(attributes["list"] == .stringArray(["a", "b"]))
        #expect(attributes["interpolated"] == "2")
        #expect(attributes["none"] == nil)
    }

    @Test func attributesKeepTheirInsertionOrder() {
        var attributes: SpanAttributes = ["b": 1, "a": 2]
        attributes["c"] = 3
        attributes["b"] = 4
        #expect(attributes.map(\.key) == ["b", "a", "c"])
        #expect(attributes["b"] == 4)
    }

    @Test func keysAreUnique() {
        let attributes: SpanAttributes = ["a": 1, "b": 2, "a": 3]
        #expect(attributes.count == 2)
        #expect(attributes["a"] == 3)
        #expect(attributes.map(\.key) == ["a", "b"])
    }

    /// "é" can be one scalar or two. A backend treats the two spellings as different keys.
    @Test func keysAreComparedByteByByte() {
        let attributes: SpanAttributes = ["caf\u{E9}": 1, "cafe\u{301}": 2]
        #expect(attributes.count == 2)
        #expect(attributes["caf\u{E9}"] == 1)
    }

    @Test func nilRemovesAnAttribute() {
        var attributes: SpanAttributes = ["a": 1, "b": 2]
        attributes["a"] = nil
        attributes["none"] = nil
        #expect(attributes == ["b": 2])
    }

    @Test func mergedAttributesReplaceExistingOnes() {
        var attributes: SpanAttributes = ["a": 1, "b": 2]
        attributes.merge(["b": 3, "c": 4])
        #expect(attributes == ["a": 1, "b": 3, "c": 4])
        var empty: SpanAttributes = [:]
        empty.merge(["x": 1])
        #expect(empty == ["x": 1])
    }

    @Test func aCopyIsIndependentOfItsOriginal() {
        let original: SpanAttributes = ["a": 1]
        var copy = original
        copy["a"] = 2
        #expect(original["a"] == 1)
        #expect(copy["a"] == 2)
    }

    @Test func equalityComparesOrderKeysAndValues() {
        let attributes: SpanAttributes = ["a": 1, "b": "x"]
        #expect(attributes == ["a": 1, "b": "x"])
        #expect(attributes.hashValue == (["a": 1, "b": "x"] as SpanAttributes).hashValue)
        #expect(attributes != ["b": "x", "a": 1])
        #expect(attributes != ["a": 2, "b": "x"])
        #expect(attributes != ["a": 1])
    }
}
