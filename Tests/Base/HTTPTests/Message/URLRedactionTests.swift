import Testing

@testable import HTTP

@Suite("URL redaction and the Host field")
struct URLRedactionTests {
    @Test(arguments: [
        ("http://host/a", "http://host/a"), ("/v1/tasks?limit=5&cursor=7", "/v1/tasks?limit=5&cursor=7"),
        ("http://me:secret@host:1/a@b", "http://REDACTED:REDACTED@host:1/a@b"),
        ("https://me@host", "https://REDACTED:REDACTED@host"), ("//me:pw@host/x", "//me:pw@host/x"),
        ("https://a:b@c@host/?x=y@z", "https://REDACTED:REDACTED@host/?x=y@z"),
        ("https://h/?color=blue&sig=abc", "https://h/?color=blue&sig=REDACTED"),
        (
            "https://h/?AWSAccessKeyId=A&Signature=B&Expires=1",
            "https://h/?AWSAccessKeyId=REDACTED&Signature=REDACTED&Expires=1"
        ),
        (
            "https://h/o?X-Amz-Algorithm=x&X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-Security-Token=t#part",
            "https://h/o?X-Amz-Algorithm=x&X-Amz-Credential=REDACTED&X-Amz-Signature=REDACTED"
                + "&X-Amz-Security-Token=REDACTED#part"
        ),
        (
            "https://h/?X-Goog-Signature=s&X-Goog-Credential=c",
            "https://h/?X-Goog-Signature=REDACTED&X-Goog-Credential=REDACTED"
        ),
        (
            "/a?%73ig=abc&SIG=x&access_token=y&api_key=z",
            "/a?%73ig=REDACTED&SIG=REDACTED&access_token=REDACTED&api_key=REDACTED"
        ),
        ("/a?sig&u=http://me:pw@host", "/a?sig&u=http://me:pw@host"),
    ])
    func credentialsInURLsAreRedacted(_ url: String, _ shown: String) {
        #expect(URLRedaction.url(url) == shown)
    }

    /// In a malformed URL it is unclear where a password ends.
    @Test(arguments: [
        ("http://me:p/w@host", "http://REDACTED@host"), ("me:pw@host", "REDACTED@host"),
        ("ftp://host/x", "ftp://host/x"),
        ("http://me:p?w@host:x", "http://REDACTED@host:x"), ("nonsense", "nonsense"),
    ])
    func credentialsInARefusedTextAreRedacted(_ text: String, _ shown: String) {
        #expect(URLRedaction.refused(text) == shown)
    }

    @Test(arguments: [
        ("localhost", "localhost", 80), ("localhost:", "localhost", 80), ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("[::1]:7", "::1", 7), ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", 80),
        ("A-b.example_1:65535", "A-b.example_1", 65535),
    ])
    func aHostFieldIsReadAsHostAndPort(_ field: String, _ host: String, _ port: Int) {
        let authority = HTTPAuthority(hostField: field)
        #expect(authority?.host == host && authority?.port == port)
    }

    @Test(arguments: [
        "", ":", ":80", "localhost:x@evil", "localhost:80@evil", "localhost@evil", "evil@localhost", "localhost:80:80",
        "localhost:x",
        "localhost:65536", "localhost:123456", "localhost:-1", "[::1", "[::1]x", "[]", "[g::1]", "a b", "localhost ",
        " localhost",
        "localhost/", "localhost#", "localhost\u{0}", "l\u{F6}calhost", "[::1]@evil", "http://localhost",
        "localhost,evil",
    ])
    func aMalformedHostFieldIsRefused(_ field: String) {
        #expect(HTTPAuthority(hostField: field) == nil)
    }
}
