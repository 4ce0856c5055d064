import Testing

@testable import HTTP

/// libcurl decides by itself what it sends again. It must not decide otherwise than we do over plain HTTP.
@Suite("A request over TLS whose kept connection is lost")
struct CurlResendTests {
    @Test("It is sent again if the server has closed the kept connection")
    func aRequestIsSentAgainOnANewConnection() async throws {
        try await SecureClient.run { client in
            for _ in 0..<3 { #expect(try await client.get("/drop") == "dropped") }
            let answer = try await client.transport.execute(
                client.request("/drop", .put, body: [UInt8](repeating: 1, count: 300_000)), timeout: .seconds(10))
            #expect(answer.status == .ok)
        }
    }

    private static let key: HTTPFields = ["idempotency-key": "k-1"]
    private static let cases: [(HTTPMethod, HTTPFields, times: Int)] = [
        (.get, [:], 2), (.head, [:], 2), (.put, [:], 2), (.delete, [:], 2),
        (.post, [:], 1), (.patch, [:], 1), (HTTPMethod(rawValue: "LOCK"), [:], 1),
        (.post, key, 2), (.patch, key, 2),
    ]

    @Test("It is sent again only if it may be carried out twice", arguments: cases)
    func itIsSentAgainOnlyIfItMayBeCarriedOutTwice(
        _ entry: (method: HTTPMethod, fields: HTTPFields, times: Int)
    ) async throws {
        try await SecureClient.run { (client) async throws in
            // libcurl sends no body with HEAD.
            let sizes: [Int] = entry.method == .head ? [0] : [0, 5, 300_000]
            for (number, size) in sizes.enumerated() {
                #expect(try await client.get("/hello") == "hello")
                let request = client.request(
                    "/lose", entry.method, headers: entry.fields, body: [UInt8](repeating: 1, count: size))
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.transport.execute(request, timeout: .seconds(10))
                }
                #expect(error?.errorType == "transfer_failed", "\(String(describing: error))")
                #expect(try await client.state().lost == (number + 1) * entry.times, "\(size) bytes")
            }
        }
    }

    @Test("Its answer tells that it was sent again")
    func itsAnswerTellsThatItWasSentAgain() async throws {
        try await SecureClient.run { (client) async throws in
            for path in ["/lose-once", "/hello", "/lose-once"] {
                #expect(try await client.get("/hello") == "hello")
                let answer = try await client.transport.execute(client.request(path), timeout: .seconds(10))
                #expect(answer.status == .ok)
                #expect(answer.followsLostAnswer == (path == "/lose-once"))
            }
        }
    }

    /// An error that says that nothing was sent would be taken as proof of that.
    @Test("One that was sent and cannot be sent again has not failed to connect")
    func oneThatWasSentAndCannotBeSentAgainHasNotFailedToConnect() async throws {
        try await SecureClient.run { (client) async throws in
            #expect(try await client.get("/hello") == "hello")
            let error = await #expect(throws: HTTPClientError.self) { try await client.get("/vanish") }
            #expect(error?.errorType == "transfer_failed", "\(String(describing: error))")
            let next = await #expect(throws: HTTPClientError.self) { try await client.get("/hello") }
            #expect(next?.neverConnected == true, "\(String(describing: next))")
        }
    }
}
