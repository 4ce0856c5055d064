import Logging
import Testing

@Suite("Log metadata")
struct MetadataTests {
    @Test func fieldsKeepTheirOrder() {
        let fields: Logger.Metadata = ["b": 1, "a": "two", "c": .double(3.5), "d": true]
        #expect(fields.map(\.key) == ["b", "a", "c", "d"])
        #expect(fields.map(\.value) == [.integer(1), .string("two"), .double(3.5), .bool(true)])
        #expect(fields.count == 4 && fields[1].key == "a")
    }

    @Test func theLastFieldOfANameWins() {
        var fields: Logger.Metadata = ["a": 1, "a": 2]
        #expect(fields["a"] == 2)
        fields["a"] = 3
        #expect(fields.count == 1 && fields["a"] == 3)
        fields["a"] = nil
        #expect(fields.isEmpty && fields["a"] == nil)
    }

    @Test func mergedFieldsReplaceExistingOnes() {
        var fields: Logger.Metadata = ["a": 1, "b": 2]
        fields.merge(["c": 3, "a": 4])
        #expect(fields == ["b": 2, "c": 3, "a": 4])
        #expect(fields != ["a": 4, "b": 2, "c": 3])
        #expect(fields != ["b": 2, "c": 3])
    }

    @Test func valuesPrintPlainly() {
        let nested: Logger.MetadataValue = .dictionary(["a": 1, "b": .array(["x", 2.5, false])])
        #expect(nested.description == "{a: 1, b: [x, 2.5, false]}")
        #expect(Logger.MetadataValue.stringConvertible(UInt8(7)) == "7")
        let interpolated: Logger.MetadataValue = "task \(5)"
        #expect(interpolated == .string("task 5"))
    }
}
