import EventLoop
import HTTP
import ServiceTesting
import Synchronization
import Testing

@Suite("A server that drains")
struct DrainingTests {
    /// Has a handler wait until the server is draining.
    private static func run(
        _ drainTimeout: Duration = .seconds(10), _ body: (WatchedServer, Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        try await WatchedServer.run {
            $0.drainTimeout = drainTimeout
        } routes: { router in
            router.get("/gate") { _, context in
                gate.entered.store(true, ordering: .releasing)
                while !gate.isOpen.load(ordering: .acquiring) {
                    try await context.eventLoop?.sleep(for: .milliseconds(1))
                }
                return .text("open")
            }
        } _: { live in
            try await body(live, gate)
        }
    }

    private final class Gate: Sendable {
        let entered = Atomic(false)
        let isOpen = Atomic(false)
    }

    @Test("Requests that have arrived behind one another are all answered, and the last answer says close")
    func requestsThatHaveArrivedAreAllAnswered() async throws {
        try await Self.run { live, gate in
            let connection = try live.connect()
            connection.send(
                "GET /gate HTTP/1.1\r\nhost: x\r\n\r\nPOST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nabGET /hello HTTP/1.1\r\nhost: x\r\n\r\n"
            )
            try await eventually { gate.entered.load(ordering: .acquiring) }
            live.server.beginShutdown()
            try await eventually { (try? live.connect()) == nil }
            gate.isOpen.store(true, ordering: .releasing)
            for body in ["open", "ab"] {
                let answer = try #require(await connection.response())
                #expect(answer.body == body && answer.fields["connection"] == nil)
            }
            let last = try #require(await connection.response())
            #expect(last.body == "hello" && last.fields["connection"] == "close")
            #expect(await connection.isClosed())
        }
    }

    @Test("A request whose body is still coming is answered")
    func aRequestWhoseBodyIsStillComingIsAnswered() async throws {
        try await Self.run { live, gate in
            let connection = try live.connect()
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
            #expect(await connection.response()?.status == 100)
            live.server.beginShutdown()
            try await eventually { (try? live.connect()) == nil }
            connection.send("ab")
            let answer = try #require(await connection.response())
            #expect(answer.body == "ab" && answer.fields["connection"] == "close")
            #expect(await connection.isClosed())
        }
    }

    @Test("Idle connections are closed at once")
    func idleConnectionsAreClosedAtOnce() async throws {
        try await Self.run { live, gate in
            let idle = try (0..<10).map { _ in try live.connect() }
            for connection in idle {
                connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(await connection.response()?.body == "hello")
            }
            await live.server.shutdown()
            for connection in idle { #expect(await connection.isClosed()) }
        }
    }
}
