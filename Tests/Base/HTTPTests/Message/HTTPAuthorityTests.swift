import Testing

@testable import HTTP

@Suite("The host and port of a URL")
struct HTTPAuthorityTests {
    @Test(
        "A URL yields its host, its port, and whether they are on this machine",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, true), ("http://localhost/x:9", "localhost", 80, true),
            ("https://[::1]:7/a", "::1", 7, true), ("http://[::1]", "::1", 80, true),
            ("https://gateway", "gateway", 443, false), ("http://me:secret@127.0.0.1:1", "127.0.0.1", 1, true),
            ("http://10.127.0.1?a@localhost", "10.127.0.1", 80, false),
        ])
    func aURLYieldsHostPortAndWhetherItIsLocal(url: String, host: String, port: Int, isThisMachine: Bool) {
        let authority = HTTPAuthority(url)
        #expect(authority.host == host)
        #expect(authority.port == port)
        #expect(authority.isThisMachine == isThisMachine)
    }

    @Test("The name and password of a URL are redacted")
    func nameAndPasswordAreRedacted() {
        #expect(HTTPAuthority("http://me:secret@host:1/a@b").redactedURL == "http://REDACTED:REDACTED@host:1/a@b")
        #expect(HTTPAuthority("https://host/a?b=c@d").redactedURL == "https://host/a?b=c@d")
    }
}
