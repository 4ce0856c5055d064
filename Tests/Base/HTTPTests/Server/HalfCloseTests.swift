import EventLoop
import HTTP
import ServiceTesting
import Testing

@Suite("A client that ends its side of the connection")
struct HalfCloseTests {
    private static func run(_ body: (WatchedServer, Recorder) async throws -> Void) async throws {
        let events = Recorder()
        try await WatchedServer.run(routes: { router in
            router.get("/wait/{milliseconds}") { _, context in
                let time = Int(context.parameters["milliseconds"] ?? "") ?? 0
                do { try await context.eventLoop?.sleep(for: .milliseconds(time)) } catch {
                    events.add("cancelled")
                    throw error
                }
                events.add("done")
                return .text("done")
            }
        }) { live in
            try await body(live, events)
        }
    }

    @Test("It is answered if the handler is quick", arguments: [0, 5])
    func itIsAnsweredIfTheHandlerIsQuick(milliseconds: Int) async throws {
        try await Self.run { live, events in
            let connection = try live.connect()
            connection.send("GET /wait/\(milliseconds) HTTP/1.1\r\nhost: x\r\n\r\n")
            connection.endSending()
            #expect(await connection.response()?.body == "done")
            #expect(await connection.isClosed())
            #expect(events.entries == ["done"])
        }
    }

    @Test("Its handler is cancelled otherwise", arguments: [1, 3])
    func itsHandlerIsCancelledOtherwise(requests: Int) async throws {
        try await Self.run { live, events in
            let connection = try live.connect()
            let quick = String(repeating: "GET /hello HTTP/1.1\r\nhost: x\r\n\r\n", count: requests - 1)
            connection.send(quick + "GET /wait/60000 HTTP/1.1\r\nhost: x\r\n\r\n")
            connection.endSending()
            for _ in 1..<requests { #expect(await connection.response()?.body == "hello") }
            #expect(await connection.isClosed())
            try await eventually { events.entries == ["cancelled"] }
            try await eventually { live.server.requestsInFlight == 0 }
        }
    }

    /// Nothing else would ever come of such a connection.
    @Test(
        "Half a request behind an answered one ends the connection",
        arguments: [
            "GET /he", "GET / HTTP/1.1\r\nho", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf",
        ])
    func halfARequestBehindAnAnsweredOneEndsTheConnection(rest: String) async throws {
        try await Self.run { live, _ in
            let connection = try live.connect()
            connection.send("GET /wait/1 HTTP/1.1\r\nhost: x\r\n\r\n" + rest)
            connection.endSending()
            #expect(await connection.response()?.body == "done")
            if rest.contains("\r\n") { #expect(await connection.response()?.status == 400) }
            #expect(await connection.isClosed())
        }
    }
}
