import Glibc
import Synchronization
import Testing

@testable import EventLoop

@Suite("The event loop")
struct EventLoopTests {
    /// A running loop, stopped at the end.
    private func withLoop<T>(_ body: (EventLoop) async throws -> T) async throws -> T {
        let loop = try EventLoop(name: "a rather long loop name")
        try loop.start()
        defer { loop.stop() }
        return try await body(loop)
    }

    private final class Record: Sendable {
        private let state = Mutex<[Int]>([])
        var values: [Int] { state.withLock { $0 } }
        func add(_ value: Int) { state.withLock { $0.append(value) } }
    }

    @Test func aLoopRunsWorkInTheOrderOfItsSubmission() async throws {
        let record = Record()
        try await withLoop { loop in
            for value in 0..<1000 { loop.submit { record.add(value) } }
            try await loop.perform {
                #expect(loop.inEventLoop)
                #expect(EventLoop.current === loop)
                // Submitted on the loop: later, not at once.
                loop.submit { record.add(1001) }
                record.add(1000)
            }
            try await loop.perform {}
        }
        #expect(record.values == Array(0...1001))
        #expect(EventLoop.current == nil)
    }

    @Test func aLoopTakesWorkFromManyThreads() async throws {
        try await withLoop { loop in
            let total = Record()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<5000 { loop.submit { total.add(1) } }
                    }
                }
            }
            try await loop.perform {}
            #expect(total.values.count == 40_000)
        }
    }

    @Test func aLoopKeepsATaskThatPrefersItOnItsThread() async throws {
        try await withLoop { loop in
            let onLoop = await Task(executorPreference: loop) {
                var onLoop = [loop.inEventLoop]
                await Task.yield()
                onLoop.append(loop.inEventLoop)
                await Task { await Task.yield() }.value
                onLoop.append(loop.inEventLoop)
                try? await loop.sleep(for: .microseconds(50))
                onLoop.append(loop.inEventLoop)
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<4 { group.addTask { loop.inEventLoop } }
                    for await value in group { onLoop.append(value) }
                }
                return onLoop
            }.value
            #expect(onLoop == [Bool](repeating: true, count: 8))
            #expect(!loop.inEventLoop)
        }
    }

    @Test func anImmediateTaskStartsInsideTheCallThatCreatesIt() async throws {
        try await withLoop { loop in
            let record = Record()
            try await loop.perform {
                Task.immediate(executorPreference: loop) {
                    record.add(1)
                    await Task.yield()
                    record.add(loop.inEventLoop ? 3 : -3)
                }
                record.add(2)
            }
            try await loop.perform {}
            #expect(record.values == [1, 2, 3])
        }
    }

    @Test func timersRunInTheOrderOfTheirDeadlines() async throws {
        let record = Record()
        try await withLoop { loop in
            await withUnsafeContinuation { continuation in
                loop.submit {
                    for value in [7, 2, 9, 4] { loop.schedule(after: .milliseconds(value)) { record.add(value) } }
                    for value in [-1, 0] { loop.schedule(after: .milliseconds(value)) { record.add(value) } }
                    loop.schedule(after: .milliseconds(4)) { record.add(40) }
                    loop.schedule(after: .milliseconds(5)) { record.add(5) }.cancel()
                    loop.schedule(after: .milliseconds(12)) { continuation.resume() }
                }
            }
        }
        #expect(record.values == [-1, 0, 2, 4, 40, 7, 9])
    }

    @Test func aTimerNeverRunsWithinTheCallThatCreatesIt() async throws {
        let record = Record()
        try await withLoop { loop in
            await withUnsafeContinuation { continuation in
                loop.submit {
                    loop.schedule(after: .zero) {
                        loop.schedule(after: .zero) {
                            record.add(2)
                            continuation.resume()
                        }
                        record.add(1)
                    }
                    record.add(0)
                }
            }
        }
        #expect(record.values == [0, 1, 2])
    }

    @Test func aSleeperWakesWhenItsTaskIsCancelled() async throws {
        try await withLoop { loop in
            for onLoop in [true, false] {
                let task = Task(executorPreference: onLoop ? loop : nil) { try await loop.sleep(for: .seconds(3600)) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let asleep = Task(executorPreference: onLoop ? loop : nil) { try await loop.sleep(for: .seconds(3600)) }
                for _ in 0..<3 { try await loop.perform {} }
                loop.submit { asleep.cancel() }
                await #expect(throws: CancellationError.self) { try await asleep.value }
            }
            try await loop.sleep(for: .milliseconds(1))
            try await loop.sleep(for: .seconds(-1))
        }
    }

    @Test func aStoppedLoopFinishesSubmittedWorkAndWakesSleepers() async throws {
        let loop = try EventLoop(name: "ending")
        try loop.start()
        let record = Record()
        let sleeper = Task { try await loop.sleep(for: .seconds(3600)) }
        let onLoop = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3600)) }
        for _ in 0..<20 { try await loop.perform {} }
        for value in 0..<100 { loop.submit { record.add(value) } }
        loop.stop()
        loop.stop()
        #expect(record.values == Array(0..<100))
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        await #expect(throws: CancellationError.self) { try await onLoop.value }
        #expect(!loop.submit { record.add(-1) })
        await #expect(throws: CancellationError.self) { try await loop.sleep(for: .seconds(3600)) }
        await #expect(throws: CancellationError.self) { try await loop.perform {} }
        // A task that prefers a loop which has ended runs all the same.
        #expect(await Task(executorPreference: loop) { loop.inEventLoop }.value == false)
    }

    @Test func aLoopCanRunOnTheCallingThread() async throws {
        let loop = try EventLoop(name: "mine")
        let record = Record()
        loop.submit {
            record.add(EventLoop.current === loop ? 1 : 0)
            loop.schedule(after: .milliseconds(1)) {
                record.add(2)
                loop.stop()
            }
        }
        loop.run()
        #expect(record.values == [1, 2])
        #expect(EventLoop.current == nil)
    }

    @Test func aLoopCallsItsHooksBeforeItWaits() async throws {
        try await withLoop { loop in
            let record = Record()
            try await loop.perform { loop.beforeWaiting { record.add(0) } }
            // Each pass through the loop that ends in a wait runs the hook once more.
            for _ in 0..<3 {
                let before = record.values.count
                loop.submit {}
                let deadline = ContinuousClock.now + .seconds(10)
                while record.values.count == before, ContinuousClock.now < deadline { await Task.yield() }
                #expect(record.values.count > before)
            }
        }
    }

    @Test func aLoopNamesItsThread() async throws {
        try await withLoop { loop in
            let name = try await loop.perform {
                var bytes = [UInt8](repeating: 0, count: 64)
                let file = open("/proc/thread-self/comm", O_RDONLY)
                let count = read(file, &bytes, bytes.count)
                close(file)
                return String(decoding: bytes[..<max(count - 1, 0)], as: UTF8.self)
            }
            #expect(name == "a rather long l")
        }
    }
}
