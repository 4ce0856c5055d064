import Testing

@testable import HTTP

@Suite("The origin of a URL")
struct HTTPOriginTests {
    private static func place(_ url: String) -> HTTPOrigin.Place? { HTTPOrigin(url)?.place }

    @Test("An address is used as it is, and names of this machine need no lookup")
    func addressesNeedNoLookup() {
        #expect(Self.place("http://127.0.0.1:81/x") == .addresses(["127.0.0.1"], port: 81))
        #expect(Self.place("HTTP://[::1]:80/") == .addresses(["::1"], port: 80))
        #expect(Self.place("http://localhost") == .addresses(["127.0.0.1", "::1"], port: 80))
        #expect(Self.place("http://a.LocalHost:1/") == .addresses(["127.0.0.1", "::1"], port: 1))
        #expect(Self.place("http://127.1/") == .addresses(["127.0.0.1"], port: 80))
        #expect(Self.place("http://user:secret@10.0.0.1/") == .addresses(["10.0.0.1"], port: 80))
    }

    @Test("A host name is looked up in lower case")
    func aNameIsLookedUpInLowerCase() {
        #expect(Self.place("http://tasks:8081/v1") == .name("tasks", port: 8081))
        #expect(Self.place("http://user:x@Tempo.Example/y") == .name("tempo.example", port: 80))
        #expect(Self.place("http://a.b?x") == .name("a.b", port: 80))
        #expect(Self.place("http://localhost.example/") == .name("localhost.example", port: 80))
    }

    @Test("A Unix-domain socket is separated from the path by a colon")
    func aSocketIsSeparatedByAColon() throws {
        for url in ["unix:/run/a.sock:/v1/tasks?x", "unix:/run/a.sock:", "unix:/run/a.sock"] {
            let origin = try #require(HTTPOrigin(url))
            #expect(origin.place.description == "/run/a.sock" && origin.authority == "localhost")
            #expect(origin.isOrigin(of: url))
        }
        let origin = try #require(HTTPOrigin("unix:/run/a.sock:/v1"))
        #expect(try !#require(HTTPOrigin("unix:/run/a")).isOrigin(of: "unix:/run/a/b.sock:/v1"))
        #expect(origin.target(in: "unix:/run/a.sock:/v1?x#y") == "/v1?x")
        #expect(HTTPClient.socketURL("unix:/run/a.sock") == "unix:/run/a.sock:")
        #expect(HTTPClient.socketURL("unix:/run/a.sock:") == "unix:/run/a.sock:")
        for bad in ["http://a", "unix:/run/a.sock:/x", "unix:"] { #expect(HTTPClient.socketURL(bad) == nil) }
        #expect(HTTPOrigin("unix:/\(String(repeating: "a", count: 108))") == nil)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "nonsense", "http://", "http:///x", "http://[::1", "http://a b/", "http://a:0/", "http://a:70000/",
            "ftp://a/",
            "http://a:x/", "unix:relative.sock:/", "http://a,b/",
        ])
    func anythingElseIsRefused(url: String) { #expect(HTTPOrigin(url) == nil) }

    @Test("A name and a password become an Authorization field")
    func credentialsBecomeAField() {
        #expect(HTTPOrigin("http://me:s%3Acret@a/")?.authorization == "Basic bWU6czpjcmV0")
        #expect(HTTPOrigin("http://a/@b")?.authorization == nil)
    }

    @Test("A target leaves out the fragment and must be escaped")
    func aTargetMustBeEscaped() throws {
        let origin = try #require(HTTPOrigin("http://a:1"))
        #expect(origin.target(in: "http://a:1") == "/")
        #expect(origin.target(in: "http://a:1?q") == "/?q")
        #expect(origin.target(in: "http://a:1/../b#c") == "/../b")
        for bad in ["http://a:1/x y", "http://a:1/x\r\nhost: b", "http://a:1/é"] {
            #expect(origin.target(in: bad) == nil)
        }
        #expect(!origin.isOrigin(of: "http://a:12/") && !origin.isOrigin(of: "http://b:1/"))
    }
}
