import Testing

@testable import HTTP

@Suite("HTTP header fields")
struct HTTPFieldsTests {
    @Test func fieldNamesAreCaseInsensitive() {
        var fields: HTTPFields = ["Content-Type": "text/plain"]
        #expect(fields["content-type"] == "text/plain")
        #expect(fields["CONTENT-TYPE"] == "text/plain")
        #expect(fields.map(\.name) == ["content-type"])
        fields["Content-type"] = "a/b"
        #expect(fields.count == 1)
        #expect(fields["content-type"] == "a/b")
        fields["content-type"] = nil
        #expect(fields.count == 0)
        #expect(fields["content-type"] == nil)
    }

    @Test func repeatedFieldsAreJoinedAndReplacedTogether() {
        var fields: HTTPFields = ["a": "1", "B": "2"]
        fields.append("A", "3")
        #expect(fields["a"] == "1, 3")
        #expect(fields.values(of: "A") == ["1", "3"])
        fields["a"] = "4"
        #expect(fields.map { "\($0.name)=\($0.value)" } == ["a=4", "b=2"])
        fields.append("b", "5")
        fields["B"] = nil
        #expect(fields == ["a": "4"])
    }

    @Test(arguments: [
        ("Host", " x ", "host", " x"), ("X-A-Rather-Long-Field-Name[", "v\t ", "x-a-rather-long-field-name[", "v"),
        ("a", "", "a", ""), ("@Z", "é", "@z", "é"),
    ])
    func fieldsAreReadFromTheWire(name: String, value: String, expectedName: String, expectedValue: String) {
        var fields: HTTPFields = [:]
        Array(name.utf8).withUnsafeBytes { name in
            Array(value.utf8).withUnsafeBytes { value in fields.append(name: name, value: value) }
        }
        #expect(fields.map(\.name) == [expectedName])
        #expect(fields.map(\.value) == [expectedValue])
    }
}
