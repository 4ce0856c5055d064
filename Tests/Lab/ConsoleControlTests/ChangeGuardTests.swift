import HTTP
import Testing

@testable import ConsoleControl

@Suite("Who may change something through the console")
struct ChangeGuardTests {
    private static let json: HTTPFields = ["content-type": "application/json", "host": "127.0.0.1:3000"]

    /// What the guard says of a request with these header fields; `nil` if it may change something.
    private static func refusal(
        _ headers: [String: String?], from address: String? = "127.0.0.1", token: String? = nil,
        allowed: [String] = []
    ) -> HTTPError? {
        var fields = json
        for (name, value) in headers { fields[name] = value }
        return ChangeGuard(token: token, allowedNames: allowed).refusal(
            of: Request(method: .post, uri: "/console/control/load", headers: fields, remoteAddress: address))
    }

    private static func isAllowed(
        _ headers: [String: String?], from address: String? = "127.0.0.1", token: String? = nil,
        allowed: [String] = []
    ) -> Bool {
        refusal(headers, from: address, token: token, allowed: allowed) == nil
    }

    @Test(
        "The console's own pages may, and programs of this machine",
        arguments: [
            [:],
            ["origin": "http://127.0.0.1:3000"],
            ["origin": "http://127.0.0.1:3000", "sec-fetch-site": "same-origin"],
            ["origin": "http://localhost:3000", "host": "localhost:3000"],
            ["origin": "http://LOCALHOST:3000", "host": "localhost:3000"],
            ["origin": "http://[::1]:3000", "host": "[::1]:3000"],
            ["origin": "http://localhost", "host": "localhost:80"],
            ["origin": "https://console.localhost", "host": "console.localhost"],
            ["sec-fetch-site": "none"],
            ["content-type": "application/json; charset=utf-8"],
            ["content-type": "Application/JSON"],
        ])
    func ownPagesMay(_ headers: [String: String]) { #expect(Self.isAllowed(headers)) }

    @Test(
        "Pages of other origins may not, whoever sends them",
        arguments: [
            ["origin": "http://evil.example"],
            ["origin": "http://127.0.0.1:3001"],
            ["origin": "http://localhost:3000"],
            ["origin": "http://127.0.0.1:3000.evil.example"],
            ["origin": "http://127.0.0.1:3000@evil.example"],
            ["origin": "http://evil.example:3000", "host": "127.0.0.1:3000"],
            ["origin": "null"],
            ["origin": ""],
            ["origin": "file://127.0.0.1:3000"],
            ["sec-fetch-site": "cross-site"],
            ["sec-fetch-site": "same-site"],
            ["origin": "http://127.0.0.1:3000", "sec-fetch-site": "cross-site"],
        ])
    func otherPagesMayNot(_ headers: [String: String]) throws {
        for token in [nil, "secret"] {
            var headers = headers
            if token != nil { headers["authorization"] = "Bearer secret" }
            let refusal = try #require(Self.refusal(headers, token: token))
            #expect(refusal.status == .forbidden && refusal.type == "other-origin")
        }
    }

    @Test("An origin without a host to compare it with is refused, and so are two origins")
    func anOriginIsComparedWithTheHost() throws {
        #expect(Self.refusal(["origin": "http://127.0.0.1:3000", "host": nil])?.type == "other-origin")
        var fields = Self.json
        fields.append("origin", "http://127.0.0.1:3000")
        fields.append("origin", "http://evil.example")
        let request = Request(method: .post, uri: "/", headers: fields, remoteAddress: "127.0.0.1")
        #expect(ChangeGuard(token: nil).refusal(of: request)?.type == "other-origin")
    }

    @Test(
        "From elsewhere only the token lets in",
        arguments: ["192.168.1.7", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "172.17.0.1"])
    func fromElsewhereTheTokenIsNeeded(_ address: String) throws {
        let refusal = try #require(Self.refusal([:], from: address))
        #expect(refusal.status == .forbidden && refusal.type == "admin-only")
        #expect(!Self.isAllowed(["authorization": "Bearer secret"], from: address))
        #expect(!Self.isAllowed(["authorization": "Bearer wrong"], from: address, token: "secret"))
        #expect(!Self.isAllowed(["authorization": "secret"], from: address, token: "secret"))
        #expect(Self.isAllowed(["authorization": "Bearer secret"], from: address, token: "secret"))
    }

    @Test("A proxy on this machine acts for somebody else, and so does a name that leads here")
    func whatActsForOthersNeedsTheToken() {
        let others: [[String: String]] = [
            ["x-forwarded-for": "10.0.0.1"], ["forwarded": "for=10.0.0.1"], ["via": "1.1 proxy"],
            ["x-real-ip": "10.0.0.1"],
            ["host": "evil.example:3000"], ["host": "evil.example:3000", "origin": "http://evil.example:3000"],
            ["host": "127.0.0.1.evil.example"], ["host": "localhost:x@evil.example"],
        ]
        for headers in others {
            #expect(Self.refusal(headers)?.status == .forbidden, "\(headers)")
        }
        #expect(Self.isAllowed(["host": "pocket.example:3000"], allowed: ["pocket.example"]))
        #expect(!Self.isAllowed(["host": "other.example:3000"], allowed: ["pocket.example"]))
        #expect(
            Self.isAllowed(
                ["x-forwarded-for": "10.0.0.1", "authorization": "Bearer secret"], token: "secret"))
    }

    @Test(
        "What is not declared as JSON is refused: a form could send it",
        arguments: [
            nil, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp",
            "text/plain; a=application/json",
        ])
    func whatIsNotJSONIsRefused(_ type: String?) throws {
        let refusal = try #require(Self.refusal(["content-type": type]))
        #expect(refusal.status == .unsupportedMediaType && refusal.type == "not-json")
    }

    @Test("Every route that changes something is guarded, and none that only reads")
    func everyChangingRouteIsGuarded() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let changing = bench.routes.filter { !$0.hasPrefix("GET ") }
            #expect(changing.count == 13, "\(changing)")
            for route in changing {
                let parts = route.split(separator: " ")
                let path = String(parts[1].dropFirst(ConsoleControl.prefix.count))
                    .replacing("{name}", with: "unsettled-tasks").replacing("{id}", with: "x")
                    .replacing("{trace}", with: "0af7651916cd43dd8448eb211c80319c")
                let method = HTTPMethod(rawValue: String(parts[0]))
                var foreign = Self.json
                foreign["origin"] = "http://evil.example"
                let refused = try await bench.send(method, path, "{}", headers: foreign)
                #expect(refused.status == .forbidden && refused.problem == "other-origin", "\(route)")
                let form = try await bench.send(method, path, "{}", headers: ["content-type": "text/plain"])
                #expect(form.status == .unsupportedMediaType, "\(route)")
            }
            let read = try await bench.send(.get, "/kinds", headers: ["origin": "http://evil.example"])
            #expect(read.status == .ok && read.headers["access-control-allow-origin"] == nil)
        }
    }
}
