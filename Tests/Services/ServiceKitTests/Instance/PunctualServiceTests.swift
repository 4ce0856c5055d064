import EventLoop
import ServiceLifecycle
import Synchronization
import Testing

@testable import ServiceKit

/// Ends when told to, with what it is told to end with, or never.
private struct Part: Service {
    struct Broken: Error {}
    enum Manner: Sendable { case obedient, broken, deaf }

    let manner: Manner
    let gate: AsyncStream<Never>
    let began: AsyncStream<Never>.Continuation

    func run() async throws {
        began.finish()
        do { try await gracefulShutdown() } catch is CancellationError {}
        switch manner {
        case .obedient: return
        case .broken: throw Broken()
        case .deaf:
            // In a task of its own, so that no cancellation reaches it.
            let gate = gate
            await Task { for await _ in gate {} }.value
        }
    }
}

@Suite("A service with a deadline for stopping")
struct PunctualServiceTests {
    /// Runs a part, tells it to stop, and gives how often it was late.
    private func stop(_ manner: Part.Manner, timeout: Duration) async throws -> Int {
        let loop = try EventLoop(name: "punctual")
        try loop.start()
        defer { loop.stop() }
        let gate = AsyncStream<Never>.makeStream()
        defer { gate.continuation.finish() }
        let began = AsyncStream<Never>.makeStream()
        let late = Late()
        let service = PunctualService(
            service: Part(manner: manner, gate: gate.stream, began: began.continuation),
            deadline: ShutdownDeadline(timeout: timeout),
            eventLoop: loop
        ) { late.count.wrappingAdd(1, ordering: .relaxed) }
        let group = ServiceGroup(services: [service])
        let running = Task(executorPreference: loop) { try await group.run() }
        for await _ in began.stream {}
        await group.triggerGracefulShutdown()
        try await running.value
        return late.count.load(ordering: .relaxed)
    }

    private final class Late: Sendable { let count = Atomic(0) }

    @Test func aServiceThatStopsInTimeIsNotLate() async throws {
        #expect(try await stop(.obedient, timeout: .seconds(3600)) == 0)
    }

    @Test func aServiceThatFailsThrowsItsError() async throws {
        await #expect(throws: Part.Broken.self) { _ = try await stop(.broken, timeout: .seconds(3600)) }
    }

    @Test func aServiceThatDoesNotStopIsAbandoned() async throws {
        #expect(try await stop(.deaf, timeout: .milliseconds(40)) == 1)
    }

    @Test func theShutdownDeadlineBeginsOnce() {
        let deadline = ShutdownDeadline(timeout: .seconds(3600))
        // The process has to end in time too.
        #expect(deadline.remaining <= .seconds(3600) - .milliseconds(250))
        deadline.begin()
        let left = deadline.remaining
        deadline.begin()
        #expect(deadline.remaining <= left)
        #expect(deadline.remainingForStopping <= left - .seconds(900))
        #expect(ShutdownDeadline(timeout: .zero).remaining == .zero)
    }
}
