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

    /// The fields of a request's head as it came over the wire.
    private static func fields(_ lines: String) throws -> HTTPFields {
        let parser = HTTPParser(.requests, maximumHeadSize: 4096)
        let head = Array("GET / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n".utf8)
        let isHead = head.withUnsafeBytes { bytes in
            var input = bytes
            if case .head = parser.next(&input) { return true }
            return false
        }
        try #require(isHead)
        return parser.fields
    }

    @Test(arguments: [
        ("Accept", " x ", "accept", "x"), ("X-A-Rather-Long-Field-Name|", "v\t ", "x-a-rather-long-field-name|", "v"),
        ("a", "", "a", ""), ("Z", "é", "z", "é"),
    ])
    func fieldsAreReadFromTheWire(name: String, value: String, expectedName: String, expectedValue: String) throws {
        let fields = try Self.fields("\(name):\(value)\r\n")
        #expect(fields.map(\.name) == ["host", expectedName])
        #expect(fields.map(\.value) == ["x", expectedValue])
        #expect(fields[name] == expectedValue && fields.count == 2)
    }

    @Test func fieldsFromTheWireCanBeChanged() throws {
        var fields = try Self.fields("A: 1\r\nB: 2\r\na: 3\r\n")
        #expect(fields["A"] == "1, 3" && fields["c"] == nil)
        let before = fields
        fields["b"] = "4"
        fields.append("C", "5")
        #expect(fields.map { "\($0.name)=\($0.value)" } == ["host=x", "a=1", "b=4", "a=3", "c=5"])
        #expect(before["b"] == "2" && before != fields)
        #expect(try before == Self.fields("A: 1\r\nB: 2\r\na: 3\r\n"))
    }
}
