import Testing
import Tracing

@Suite("Prepared attributes")
struct PreparedAttributesTests {
    private let prepared = PreparedAttributes(["a": 1, "b": "x"])

    @Test func theyStandBeforeOthers() {
        var attributes = SpanAttributes(prepared)
        #expect(attributes == ["a": 1, "b": "x"])
        attributes["c"] = 3
        #expect(attributes.map(\.key) == ["a", "b", "c"])
        #expect(attributes.count == 3)
        #expect(attributes["b"] == "x")
        #expect(attributes["c"] == 3)
        #expect(attributes["none"] == nil)
    }

    @Test func theyEqualAttributesThatAreNotPrepared() {
        var attributes = SpanAttributes(prepared)
        attributes["c"] = 3
        let others: SpanAttributes = ["a": 1, "b": "x", "c": 3]
        #expect(attributes == others)
        #expect(attributes.hashValue == others.hashValue)
        #expect(attributes != ["a": 1, "b": "x"])
        #expect(SpanAttributes(prepared) != ["a": 1, "b": "y"])
    }

    @Test func aChangeOfOneLeavesOtherSpansAlone() {
        var changed = SpanAttributes(prepared)
        changed["c"] = 3
        changed["a"] = 2
        #expect(changed == ["a": 2, "b": "x", "c": 3])
        var removed = SpanAttributes(prepared)
        removed["b"] = nil
        #expect(removed == ["a": 1])
        #expect(SpanAttributes(prepared) == ["a": 1, "b": "x"])
    }

    @Test func mergedAttributesReplaceThem() {
        var attributes = SpanAttributes(prepared)
        attributes.merge(["b": "y", "c": 3])
        #expect(attributes == ["a": 1, "b": "y", "c": 3])
        var others: SpanAttributes = ["b": "z", "d": 4]
        others.merge(SpanAttributes(prepared))
        #expect(others == ["b": "x", "d": 4, "a": 1])
    }

    @Test func theyAreEncodedOnce() {
        var count: UInt8 = 0
        for _ in 0..<3 {
            var bytes: [UInt8] = []
            prepared.withEncoded {
                count += 1
                return [count, UInt8($0.count)]
            } _: {
                bytes = Array($0)
            }
            #expect(bytes == [1, 2])
        }
        #expect(count == 1)
    }
}
