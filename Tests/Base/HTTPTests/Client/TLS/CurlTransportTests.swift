import ServiceTesting
import Testing

@testable import HTTP

@Suite("Requests over TLS")
struct CurlTransportTests {
    @Test(
        "The server receives method, fields and body",
        arguments: [HTTPMethod.get, .post, .put, .patch, .delete, .options])
    func theServerReceivesMethodFieldsAndBody(method: HTTPMethod) async throws {
        try await SecureClient.run { client in
            // None inherits the body of the request before.
            for size in [5, 2_000_000, 5] { try await Self.echo(method, size, client) }
            #expect(try await client.state().connections == 2, "one for these requests, one for the question")
            try await Self.echo(method, 0, client)
            // Without a body, a request that must not be repeated gets a new connection.
            #expect(try await client.state().connections == (method.isIdempotent ? 3 : 5))
        }
    }

    private static func echo(_ method: HTTPMethod, _ size: Int, _ client: SecureClient) async throws {
        let fields: HTTPFields = ["X-Header": "a\r\nb: c", "x-empty": ""]
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let answer = try await client.transport.execute(
            client.request("/a/../echo/?\(size)", method, headers: fields, body: body), timeout: .seconds(10))
        #expect(answer.status == .ok)
        #expect(answer.headers["x-path"] == nil, "the path is not made shorter")
        let echo = try await client.transport.execute(
            client.request("/echo", method, headers: fields, body: body), timeout: .seconds(10))
        #expect(echo.body == body)
        #expect(echo.headers["x-method"] == method.rawValue)
        #expect(echo.headers["x-got-x-header"] == "a  b: c")
        #expect(echo.headers["x-got-x-empty"] == "")
        #expect(echo.headers["x-got-user-agent"] == "tailspan")
        #expect(echo.headers["x-got-content-type"] == "none")
        #expect(echo.headers["x-got-expect"] == "none")
        let usual = [HTTPMethod.post, .put, .patch].contains(method)
        #expect(echo.headers["x-got-content-length"] == (size > 0 || usual ? "\(size)" : "none"))
    }

    @Test("HEAD, a content type and an interim response are handled as over plain HTTP")
    func theUsualCasesWork() async throws {
        try await SecureClient.run { client in
            let head = try await client.transport.execute(client.request("/hello", .head), timeout: .seconds(10))
            #expect(head.body.isEmpty && head.headers["content-length"] == "5")
            #expect(try await client.get("/hello") == "hello")
            let typed = try await client.transport.execute(
                client.request("/echo", .post, headers: ["content-type": "text/x"], body: [1]), timeout: .seconds(10))
            #expect(typed.headers["x-got-content-type"] == "text/x")
            let final = try await client.transport.execute(client.request("/interim"), timeout: .seconds(10))
            #expect(final.status == .ok)
            #expect(final.headers["x-final"] == "yes" && final.headers["link"] == nil)
            var named = client.request("/echo")
            named.url = named.url.replacing("https://", with: "HTTPS://me:secret@")
            let answer = try await client.transport.execute(named, timeout: .seconds(10))
            #expect(answer.headers["x-got-authorization"] == "Basic bWU6c2VjcmV0")
        }
    }

    @Test("A connection that is too old is replaced")
    func aConnectionThatIsTooOldIsReplaced() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionAge = .seconds(1)
        try await SecureClient.run(configuration) { client in
            func connections() async throws -> Int {
                try #require(Int(try await client.get("/state").prefix { $0 != " " }))
            }
            #expect(try await connections() == 1)
            #expect(try await connections() == 1, "a young connection is used again")
            try await eventually { try await connections() == 2 }
        }
    }

    @Test("Many requests at once share a few connections")
    func manyRequestsShareAFewConnections() async throws {
        try await SecureClient.run { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<200 { group.addTask { try await client.get("/hello") } }
                for try await answer in group { #expect(answer == "hello") }
            }
            let connections = try await client.state().connections - 1
            #expect((1...CurlTransport.maximumThreads).contains(connections), "\(connections)")
        }
    }

    @Test("A body is accepted up to the limit")
    func aBodyIsAcceptedUpToTheLimit() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.maximumBodySize = 5_000_000
        try await SecureClient.run(configuration) { client in
            let answer = try await client.transport.execute(client.request("/large"), timeout: .seconds(10))
            #expect(answer.body == [UInt8](repeating: 7, count: 5_000_000))
        }
        configuration.maximumBodySize -= 1
        try await SecureClient.run(configuration) { client async throws in
            await #expect(throws: HTTPClientError.bodyTooLarge) { try await client.get("/large") }
            #expect(try await client.get("/hello") == "hello")
        }
    }

    @Test("Requests of one client never share connections that have other certificates")
    func requestsWithOtherCertificatesShareNoConnection() async throws {
        try await SecureClient.run { client async throws in
            for _ in 0..<3 {
                #expect(try await client.get("/hello") == "hello")
                for authority in [nil, client.otherAuthority] {
                    var request = client.request("/hello")
                    request.tls.certificateAuthority = authority
                    let error = await #expect(throws: HTTPClientError.self) {
                        try await client.transport.execute(request, timeout: .seconds(10))
                    }
                    #expect(error?.errorType == "connect_failed", "\(String(describing: error))")
                }
            }
        }
    }
}
