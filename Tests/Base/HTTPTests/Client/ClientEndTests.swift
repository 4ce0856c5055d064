import EventLoop
import HTTP
import ServiceTesting
import Testing

@Suite("The end of an HTTP client")
struct ClientEndTests {
    /// A loop that this does not keep.
    private final class Witness: Sendable {
        weak let loop: EventLoop?
        init(_ loop: EventLoop) { self.loop = loop }
    }

    /// Uses a client on a loop, from the loop and from elsewhere, and ends both.
    private static func use(_ url: String, shutsDown: Bool) async throws -> Witness {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        for _ in 0..<3 {
            #expect(try await client.execute(HTTPClient.Request(url: url)).status == .ok)
            let task = Task(executorPreference: loop) { try await client.execute(HTTPClient.Request(url: url)) }
            #expect(try await task.value.status == .ok)
        }
        if shutsDown { await client.shutdown() }
        return Witness(loop)
    }

    /// Each loop has descriptors, which a process with many of them would run out of.
    @Test("A client that is over keeps nothing, not even its loop", arguments: [true, false])
    func aClientThatIsOverKeepsNothing(shutsDown: Bool) async throws {
        let peer = try Peer(.keepOpen)
        let witness = try await Self.use(peer.url, shutsDown: shutsDown)
        try await eventually("the loop is released") { witness.loop == nil }
    }
}
