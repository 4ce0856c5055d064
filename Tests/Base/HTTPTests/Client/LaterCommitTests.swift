import EventLoop
import ServiceTesting
import Synchronization
import Testing

@testable import HTTP

@Suite("A call that is made while a turn's outputs are sent")
struct LaterCommitTests {
    private struct NotStored: Error {}

    /// Runs a closure when the turn's outputs are sent.
    private final class Probe: TurnOutput {
        private let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        func sendOutput() { body() }
        func discardOutput(_ error: any Error) { Issue.record("the first commit succeeds") }
    }

    @Test("The call waits for the commit of what was written before it, not for the one before that")
    func theCallWaitsForItsOwnCommit() async throws {
        let asked = Mutex<[String]>([])
        try await LiveServer.run { router in
            router.get("/{name}") { request, _ in
                asked.withLock { $0.append(request.path) }
                return .text("")
            }
        } _: { live in
            let (loop, client) = (live.loop, live.client)
            let urls = ["first", "second"].map { live.url("/" + $0) }
            let ends = Recorder()
            let call: @Sendable (String) -> Void = { url in
                Task.immediate(executorPreference: loop) {
                    do {
                        _ = try await client.execute(HTTPClient.Request(url: url))
                        ends.add("answered")
                    } catch { ends.add((error as? HTTPClientError)?.errorType ?? "\(error)") }
                }
            }
            loop.submit {
                loop.commitAtEndOfTurn { nil }
                // Runs before the first call leaves, as a pipelined request does whose handler writes and calls.
                loop.sendAtEndOfTurn(
                    Probe {
                        loop.commitAtEndOfTurn { NotStored() }
                        call(urls[1])
                    })
                call(urls[0])
            }
            try await eventually("both calls have ended") { ends.entries.count == 2 }
            #expect(asked.withLock { $0 } == ["/first"])
            #expect(Set(ends.entries) == ["answered", "held_back"])
        }
    }
}
