import EventLoop
import HTTP
import ServiceTesting
import Synchronization
import Testing

@Suite("Clients that disconnect from the HTTP server")
struct HTTPServerDisconnectTests {
    enum Farewell: CaseIterable {
        case reset, close
        /// The client ends its own side only: it is taken for gone too, as nginx does.
        case endOfSending
    }

    @Test(arguments: Farewell.allCases)
    func theHandlerOfADisconnectedClientIsCancelled(_ farewell: Farewell) async throws {
        let started = Atomic(false)
        let cancelled = Atomic(false)
        let outcome = Mutex<ResponseCompletion.Outcome?>(nil)
        try await LiveServer.run { router in
            router.get("/wait") { _, context in
                context.completion.onComplete { value in outcome.withLock { $0 = value } }
                started.store(true, ordering: .releasing)
                do { try await context.eventLoop?.sleep(for: .seconds(600)) } catch {
                    cancelled.store(true, ordering: .releasing)
                    throw error
                }
                return .text("never")
            }
        } _: { live in
            var connection: RawConnection? = try RawConnection(port: live.server.port)
            connection?.send("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
            try await eventually { started.load(ordering: .acquiring) }
            #expect(live.server.requestsInFlight == 1)
            switch farewell {
            case .reset: connection?.reset()
            case .close: connection = nil
            case .endOfSending: connection?.endSending()
            }
            try await eventually { cancelled.load(ordering: .acquiring) }
            try await eventually { outcome.withLock { $0 } != nil }
            #expect(
                outcome.withLock { $0 }
                    == ResponseCompletion.Outcome(written: false, status: .clientClosedRequest, bodySize: 0))
            try await eventually { live.server.requestsInFlight == 0 }
        }
    }

    @Test func aClientThatDisconnectsWhileSendingIsForgotten() async throws {
        try await LiveServer.run { router in
            router.post("/echo") { request, _ in Response(body: request.body) }
        } _: { live in
            for _ in 0..<20 {
                let connection = try RawConnection(port: live.server.port)
                connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc")
                connection.reset()
            }
            let answer = try await live.client.execute(
                HTTPClient.Request(method: .post, url: live.url("/echo"), body: [1, 2, 3]))
            #expect(answer.body == [1, 2, 3])
            #expect(live.server.requestsInFlight == 0)
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        var configuration = HTTPServer.Configuration()
        configuration.idleTimeout = .seconds(1)
        try await LiveServer.run(configuration: configuration) { router in
            router.get("/hello") { _, _ in .text("hello") }
        } _: { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await connection.response()?.body == "hello")
            #expect(await connection.isClosed())
        }
    }
}
