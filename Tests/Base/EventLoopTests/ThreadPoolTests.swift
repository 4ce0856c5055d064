import EventLoop
import Glibc
import ServiceTesting
import Synchronization
import Testing

@Suite("The thread pool")
struct ThreadPoolTests {
    /// Holds the threads of a pool until it is opened.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)
        private let entered = Atomic(0)
        var count: Int { entered.load(ordering: .acquiring) }
        func pass() {
            entered.wrappingAdd(1, ordering: .acquiringAndReleasing)
            while !isOpen.load(ordering: .acquiring) { usleep(200) }
        }
        func open() { isOpen.store(true, ordering: .releasing) }
    }

    struct Surprise: Error, Equatable {}

    @Test func aPoolRunsWorkElsewhereAndReturnsToTheLoop() async throws {
        let loop = try EventLoop(name: "home")
        try loop.start()
        defer { loop.stop() }
        let pool = try ThreadPool(name: "pool", threads: 2, queueCapacity: 4)
        let places = try await Task(executorPreference: loop) {
            let there = try await pool.run { loop.inEventLoop }
            return [there, loop.inEventLoop]
        }.value
        #expect(places == [false, true])
        await #expect(throws: Surprise.self) { try await pool.run { throw Surprise() } }
        #expect(pool.activeCount == 0)
        await pool.shutdown()
    }

    @Test func aFullPoolRefusesMoreWork() async throws {
        let pool = try ThreadPool(name: "pool", threads: 2, queueCapacity: 3)
        let gate = Gate()
        let tasks = (0..<5).map { index in
            Task {
                try await pool.run {
                    gate.pass()
                    return index
                }
            }
        }
        try await eventually { pool.activeCount == 2 && pool.queueDepth == 3 && gate.count == 2 }
        let error = await #expect(throws: ThreadPool.QueueFull.self) { try await pool.run {} }
        #expect(error?.capacity == 3)
        gate.open()
        var sum = 0
        for task in tasks { sum += try await task.value }
        #expect(sum == 10)
        #expect(pool.activeCount == 0)
        #expect(pool.queueDepth == 0)
        // With room again, and without a queue an idle thread is enough.
        try await pool.run {}
        await pool.shutdown()
        let narrow = try ThreadPool(name: "narrow", threads: 1, queueCapacity: 0)
        for _ in 0..<200 { try await narrow.run {} }
        await narrow.shutdown()
    }

    @Test func aPoolDropsWorkCancelledBeforeItStarts() async throws {
        let pool = try ThreadPool(name: "pool", threads: 1, queueCapacity: 1)
        let gate = Gate()
        let running = Task { try await pool.run { gate.pass() } }
        try await eventually { gate.count == 1 }
        let waiting = Task { try await pool.run { Issue.record("must not run") } }
        try await eventually { pool.queueDepth == 1 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(pool.queueDepth == 0)
        // A body that runs goes on to its end.
        running.cancel()
        gate.open()
        try await running.value
        await pool.shutdown()
    }

    @Test func aPoolFinishesAcceptedWorkOnShutdown() async throws {
        let pool = try ThreadPool(name: "pool", threads: 2, queueCapacity: 8)
        let gate = Gate()
        let tasks = (0..<6).map { _ in Task { try await pool.run { gate.pass() } } }
        try await eventually { pool.queueDepth == 4 }
        let first = Task { await pool.shutdown() }
        let second = Task { await pool.shutdown() }
        gate.open()
        for task in tasks { try await task.value }
        await first.value
        await second.value
        await pool.shutdown()
        await #expect(throws: ThreadPool.Stopped.self) { try await pool.run {} }
    }
}
