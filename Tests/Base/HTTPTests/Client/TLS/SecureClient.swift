import EventLoop
import TestTools
import Testing

@testable import HTTP

/// A server behind TLS, and a transport on a loop of its own that trusts it.
struct SecureClient {
    private let server: TLSServer
    let loop: EventLoop
    let transport: CurlTransport

    /// Starts both, runs `body`, and stops everything.
    static func run(
        _ configuration: HTTPClient.Configuration = HTTPClient.Configuration(), library: CurlLibrary = .system,
        _ body: (SecureClient) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = SecureClient(
            server: try TLSServer(), loop: loop,
            transport: CurlTransport(eventLoop: loop, configuration: configuration, library: library))
        do { try await body(client) } catch {
            await client.transport.shutdown()
            throw error
        }
        await client.transport.shutdown()
    }

    var url: String { server.url }
    /// The certificate of an authority that did not sign the server's.
    var otherAuthority: String { server.file("other-ca.pem") }

    /// A request that the server's certificate passes.
    func request(
        _ path: String, _ method: HTTPMethod = .get, headers: HTTPFields = [:], body: [UInt8] = []
    ) -> HTTPClient.Request {
        var request = HTTPClient.Request(method: method, url: server.url + path, headers: headers, body: body)
        request.tls.certificateAuthority = server.file("ca.pem")
        return request
    }

    /// The answer's body as text.
    func get(_ path: String, timeout: Duration = .seconds(10)) async throws -> String {
        String(decoding: try await transport.execute(request(path), timeout: timeout).body, as: UTF8.self)
    }

    /// How many connections the server has accepted, how many requests it has lost, and how many wait in it, asked over
    /// another transport.
    func state() async throws -> (connections: Int, lost: Int, waiting: Int) {
        let observer = CurlTransport(eventLoop: loop, configuration: HTTPClient.Configuration())
        let answer = try await observer.execute(request("/state"), timeout: .seconds(10))
        await observer.shutdown()
        let numbers = String(decoding: answer.body, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 3)
        return (numbers[0], numbers[1], numbers[2])
    }
}
