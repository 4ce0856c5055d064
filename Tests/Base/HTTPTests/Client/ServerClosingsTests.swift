import EventLoop
import HTTP
import HTTPConformance
import Testing

/// A server may close a kept connection at any moment.
@Suite("A server that closes kept connections", .serialized)
struct ServerClosingsTests {
    private static let answer = latin1Bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    private static func run(_ body: (ScriptedServer, HTTPClient, EventLoop) async throws -> Void) async throws {
        try await withSocketFolder { folder in
            let server = try ScriptedServer(path: folder + "/scripted.sock")
            try Thread.detach(name: "scripted") { server.run() }
            defer { server.stop() }
            try await LiveServer.run(routes: { _ in }) { try await body(server, $0.client, $0.loop) }
        }
    }

    @Test(
        "A request that may be repeated is sent again if no byte of its response came, and not otherwise",
        arguments: [HTTPMethod.get, .put, .delete])
    func aRequestIsSentAgainIfNoByteOfItsResponseCame(method: HTTPMethod) async throws {
        try await Self.run { server, client, _ in
            let request = HTTPClient.Request(method: method, url: server.url)
            for count in 0..<Self.answer.count {
                server.answer(Self.answer, endsSending: false)
                let first = try await client.execute(request)
                #expect(first.body == Array("ok".utf8))
                let (connections, requests) = (server.connections, server.requests)
                server.answer(Array(Self.answer[..<count]), endsSending: true)
                if count == 0 {
                    let second = try await client.execute(request)
                    #expect(second.body == Array("next".utf8))
                    #expect(server.connections == connections + 1 && server.requests == requests + 2)
                } else {
                    let error = await #expect(throws: HTTPClientError.self) { _ = try await client.execute(request) }
                    #expect(error?.errorType == "transfer_failed")
                    #expect(
                        server.connections == connections && server.requests == requests + 1, "after \(count) bytes")
                }
            }
        }
    }

    @Test("A request is sent again once, never twice")
    func aRequestIsSentAgainOnce() async throws {
        try await Self.run { server, client, _ in
            let request = HTTPClient.Request(url: server.url)
            let first = try await client.execute(request)
            #expect(first.status == .ok)
            server.answer([], endsSending: true, times: 3)
            let error = await #expect(throws: HTTPClientError.self) { _ = try await client.execute(request) }
            #expect(error?.errorType == "transfer_failed")
            #expect(server.requests == 3 && server.connections == 2)
        }
    }

    @Test("A request on a new connection is not sent again")
    func aRequestOnANewConnectionIsNotSentAgain() async throws {
        try await Self.run { server, client, _ in
            server.answer([], endsSending: true)
            let error = await #expect(throws: HTTPClientError.self) {
                _ = try await client.execute(HTTPClient.Request(url: server.url))
            }
            #expect(error?.errorType == "transfer_failed" && server.requests == 1)
        }
    }

    @Test("A response that comes before the request's body was sent is the response")
    func aResponseThatComesBeforeTheBodyWasSentIsTheResponse() async throws {
        try await WatchedServer.run {
            $0.maximumBodySize = 1000
        } _: { live in
            let client = HTTPClient(eventLoop: live.loop)
            let url = "http://127.0.0.1:\(live.server.port)/"
            for _ in 0..<2 {
                // So large that the server does not wait for its end.
                let answer = try await client.execute(
                    HTTPClient.Request(method: .post, url: url + "echo", body: [UInt8](repeating: 1, count: 40 << 20)))
                #expect(answer.status == .contentTooLarge)
                let next = try await client.execute(HTTPClient.Request(url: url + "hello"))
                #expect(next.body == Array("hello".utf8))
            }
            await client.shutdown()
        }
    }
}
