import Encoding
import HTTP
import Testing

@Suite("The target of an HTTP request")
struct RequestTests {
    @Test(arguments: [
        ("/a", "/a", nil), ("/a?", "/a", ""), ("/a?b=c?d", "/a", "b=c?d"), ("?x", "", "x"), ("/é?ü", "/é", "ü"),
    ])
    func theTargetIsSplitIntoPathAndQuery(uri: String, path: String, query: String?) {
        let request = Request(uri: uri)
        #expect(request.path == path)
        #expect(request.query == query)
        #expect(request.uri == uri)
    }

    @Test func theQueryIsReadIntoParameters() {
        let query = Request(uri: "/?a=1&b=two+words&a=%C3%A9&empty=&flag&&c=x=y&bad=%4&%61z=q").queryParameters
        #expect(query["a"] == "1")
        #expect(query.all("a") == ["1", "é"])
        #expect(query["b"] == "two words")
        #expect(query["empty"] == "")
        #expect(query["flag"] == "")
        #expect(query["c"] == "x=y")
        #expect(query["bad"] == "%4")
        #expect(query["az"] == "q")
        #expect(query["nothing"] == nil)
        #expect(query.map(\.name) == ["a", "b", "a", "empty", "flag", "c", "bad", "az"])
    }

    @Test(arguments: ["", "plain-._~", "a b", "é/ü?#", "100%", "{name=\"x\"}"])
    func anEncodedTextDecodesToItself(text: String) {
        let encoded = PercentEncoding.encode(text)
        #expect(encoded.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "+") })
        #expect(PercentEncoding.decode(encoded.utf8) == text)
    }

    @Test func onlyUnreservedCharactersStayUnencoded() {
        #expect(PercentEncoding.encode("a/b c+é~") == "a%2Fb%20c%2B%C3%A9~")
        #expect(PercentEncoding.decode("a+b".utf8, plusIsSpace: false) == "a+b")
        #expect(PercentEncoding.decode([0x61, 0xFF]) == "a\u{FFFD}")
    }
}
