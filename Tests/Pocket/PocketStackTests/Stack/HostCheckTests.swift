import HTTP
import Logging
import Testing

@testable import PocketStack

/// Pages of other sites must not read what is served on this machine.
@Suite("The check of the Host header") struct HostCheckTests {
    private func status(_ host: String?, boundTo address: String, allowed: [String] = []) async throws -> Int {
        let router = Router()
        router.add(middleware: HostCheck(boundTo: address, allowed: allowed))
        router.get("/") { _, _ in .text("lines") }
        var headers: HTTPFields = [:]
        headers["host"] = host
        let request = Request(uri: "/", headers: headers)
        return try await router.buildResponder().respond(to: request, context: RequestContext(logger: .noOp)).status
            .code
    }

    @Test(
        "A server on loopback accepts only loopback hosts",
        arguments: [
            ("localhost:3100", 200), ("LOCALHOST", 200), ("127.0.0.1:3000", 200), ("127.3.2.1", 200),
            ("[::1]:3200", 200),
            ("grafana.localhost:3000", 200), ("localhost.:1", 200), (nil, 200), ("evil.example", 421),
            ("evil.example:3100", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421),
            ("localhost:x@evil", 421), ("localhost@evil", 421), ("", 421), ("192.168.1.7", 421), ("[::2]", 421),
            ("127.0.0.1:80:80", 421), ("localhost/", 421), ("[::1", 421), ("127.0.0.256", 421), ("pocket", 421),
        ] as [(String?, Int)])
    func aLoopbackServerAcceptsOnlyLoopbackHosts(host: String?, expected: Int) async throws {
        #expect(try await status(host, boundTo: "127.0.0.1") == expected)
        #expect(try await status(host, boundTo: "::1") == expected)
        #expect(try await status(host, boundTo: "localhost") == expected)
    }

    @Test("A server on loopback accepts the host names that are allowed")
    func allowedHostNamesAreAccepted() async throws {
        let names = ["pocket.example", "pocket"]
        #expect(try await status("pocket.example:3000", boundTo: "127.0.0.1", allowed: names) == 200)
        #expect(try await status("Pocket", boundTo: "127.0.0.1", allowed: names) == 200)
        #expect(try await status("other.example", boundTo: "127.0.0.1", allowed: names) == 421)
        #expect(try await status("localhost", boundTo: "127.0.0.1", allowed: names) == 200)
    }

    @Test("A server on all addresses accepts any host unless names are given")
    func aServerOnAllAddressesAcceptsAnyHostUnlessNamesAreGiven() async throws {
        for host in ["pocket:3100", "loki.tailspan.svc.cluster.local", "192.168.1.7:3000", "evil.example"] {
            #expect(try await status(host, boundTo: "0.0.0.0") == 200)
        }
        #expect(try await status("pocket:3100", boundTo: "0.0.0.0", allowed: ["pocket"]) == 200)
        #expect(try await status("192.168.1.7", boundTo: "0.0.0.0", allowed: ["pocket"]) == 200)
        #expect(try await status("evil.example", boundTo: "0.0.0.0", allowed: ["pocket"]) == 421)
    }

    @Test("All four ports check the Host header")
    func allFourPortsCheckTheHost() async throws {
        try await LiveStack.run { (live) async throws in
            let ports = live.stack.ports
            for (port, path) in [
                (ports.loki, "/ready"), (ports.tempo, "/ready"), (ports.otlpHTTP, "/v1/traces"), (ports.console, "/"),
            ] {
                let url = "http://127.0.0.1:\(port)\(path)"
                let refused = try await live.client.execute(
                    HTTPClient.Request(url: url, headers: ["host": "evil.example"]))
                #expect(refused.status.code == 421, "\(path)")
            }
        }
    }
}
