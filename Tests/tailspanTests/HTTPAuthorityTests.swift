import HTTP
import Testing

@testable import tailspan

@Suite("Host and port of a URL")
struct HTTPAuthorityTests {
    @Test(
        "Host, port, and whether it is this machine",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, true), ("http://localhost/x:9", "localhost", 80, true),
            ("https://[::1]:7/a", "::1", 7, true), ("http://[::1]", "::1", 80, true),
            ("https://gateway", "gateway", 443, false), ("http://me:secret@127.0.0.1:1", "127.0.0.1", 1, true),
            ("http://10.127.0.1?a@localhost", "10.127.0.1", 80, false),
        ])
    func parts(url: String, host: String, port: Int, isThisMachine: Bool) {
        let authority = HTTPAuthority(url)
        #expect(authority.host == host)
        #expect(authority.port == port)
        #expect(authority.isThisMachine == isThisMachine)
    }

    @Test("Name and password are kept back")
    func redaction() {
        #expect(HTTPAuthority("http://me:secret@host:1/a@b").redactedURL == "http://REDACTED:REDACTED@host:1/a@b")
        #expect(HTTPAuthority("https://host/a?b=c@d").redactedURL == "https://host/a?b=c@d")
    }

    @Test("The load that `up` proposes says where its spans go, unless it would find out by itself")
    func proposal() throws {
        var layout = StackLayout(stack: .pocket, logFolder: "l", dataFolder: "d")
        #expect(
            StackReport.loadCommand(layout) == "tailspan load --url http://127.0.0.1:8080 --rate 5 --duration 30s")
        layout.use(Array(9000..<9000 + StackLayout.portCount))
        #expect(
            StackReport.loadCommand(layout)
                == "tailspan load --url http://127.0.0.1:9000 --otlp http://127.0.0.1:9006 --rate 5 --duration 30s")
        layout.stack = .external(otlp: "http://tempo:4318", loki: "http://l", tempo: "http://t", grafana: "http://g")
        #expect(StackReport.loadCommand(layout).contains("--otlp http://tempo:4318"))
    }
}
