import EventLoop
import HTTP
import HTTPConformance
import HTTPFuzzing
import Testing

/// What a client makes of every response of the table, however its bytes arrive.
@Suite("RFC 9112, the client")
struct ResponseTableTests {
    @Test("The table has no entry twice, and enough of them")
    func theTableHasNoEntryTwice() {
        #expect(Set(ResponseCase.all.map(\.description)).count == ResponseCase.all.count)
        #expect(ResponseCase.all.count >= 60)
    }

    @Test("Every response is taken as the table says, and never for the next request's")
    func everyResponseIsTakenAsTheTableSays() async throws {
        try await withSocketFolder { folder in
            let loop = try EventLoop(name: "test")
            try loop.start()
            defer { loop.stop() }
            let server = try ScriptedServer(path: folder + "/scripted.sock")
            try Thread.detach(name: "scripted") { server.run() }
            defer { server.stop() }
            for entry in ResponseCase.all {
                for cut in Cut.all(entry.bytes.count) { try await Self.run(entry, cut, server, loop) }
            }
        }
    }

    private static func run(_ entry: ResponseCase, _ cut: Cut, _ server: ScriptedServer, _ loop: EventLoop) async throws
    {
        let client = HTTPClient(eventLoop: loop)
        let before = server.connections
        server.answer(entry.bytes, cut, endsSending: entry.endsSending)
        var result = ResponseCase.Result.error
        do {
            let response = try await client.execute(
                HTTPClient.Request(method: entry.answersHead ? .head : .get, url: server.url), timeout: .seconds(5))
            result = .response(response.status.code, body: latin1(response.body))
        } catch let error as HTTPClientError {
            #expect(error != .timeout, "\(entry) \(cut)")
        }
        #expect(result == entry.result, "\(entry) \(cut)")
        #expect(server.connections == before + 1, "\(entry) \(cut): it was asked again")
        // Nobody can tell a response that comes late from the next one, so the client must have closed by itself.
        if entry.end == .closed {
            #expect(try await Self.haveEnded(before + 1, server, loop), "\(entry) \(cut): the client does not close")
        }
        let next = try await client.execute(HTTPClient.Request(url: server.url), timeout: .seconds(5))
        #expect(
            next.status == .ok && next.body == latin1Bytes("next"),
            "\(entry) \(cut): the next request got another answer")
        let connections = server.connections - before
        #expect(connections == (entry.end == .reused ? 1 : 2), "\(entry) \(cut)")
        await client.shutdown()
        _ = try await Self.haveEnded(server.connections, server, loop)
    }

    private static func haveEnded(_ count: Int, _ server: ScriptedServer, _ loop: EventLoop) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(5)
        while server.ended < count, .now < deadline { try await loop.sleep(for: .microseconds(50)) }
        return server.ended == count
    }

    @Test("The parser makes the same of a response however it is cut")
    func theParserMakesTheSameOfAResponseHoweverItIsCut() throws {
        for entry in ResponseCase.all {
            let kind = ParserTrace.Kind.responses(toHead: entry.answersHead)
            let whole = try ParserTrace(kind, [entry.bytes[...]], maximumHeadSize: 64 << 10)
            for cut in Cut.all(entry.bytes.count) {
                let trace = try ParserTrace(kind, cut.pieces(of: entry.bytes), maximumHeadSize: 64 << 10)
                #expect(trace == whole, "\(entry) \(cut)")
            }
        }
    }
}
