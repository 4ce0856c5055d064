import Synchronization

@testable import Workload

/// An executor on which time passes only when every task waits for it: a run is the same each time, and takes none.
final class VirtualTime: TaskExecutor {
    private struct Sleeper {
        var time: Duration
        var order: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var now = Duration.zero
        var order = 0
    }

    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    var now: Duration { state.withLock { $0.now } }

    func sleep(until time: Duration) async throws {
        let id = state.withLock { state in
            state.order += 1
            return state.order
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.cancelled.contains(id), time > state.now else { return true }
                    state.sleepers[id] = Sleeper(time: time, order: id, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    var clock: LoadClock { LoadClock(now: { self.now }, sleepUntil: { try await self.sleep(until: $0) }) }

    /// Runs `operation` and everything it starts to its end.
    func run<T: Sendable>(_ operation: @escaping @Sendable () async -> T) -> T {
        let box = Box<T>()
        Task(executorPreference: self) {
            let value = await operation()
            box.value.withLock { $0 = value }
        }
        while true {
            if let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            } else if let value = box.value.withLock({ $0 }) {
                return value
            } else {
                let next = state.withLock { state -> Sleeper? in
                    guard let next = state.sleepers.values.min(by: { ($0.time, $0.order) < ($1.time, $1.order) }) else {
                        return nil
                    }
                    state.now = next.time
                    return state.sleepers.removeValue(forKey: next.order)
                }
                guard let next else { preconditionFailure("every task waits for something that never comes") }
                next.continuation.resume()
            }
        }
    }

    private final class Box<T: Sendable>: Sendable { let value = Mutex<T?>(nil) }
}
