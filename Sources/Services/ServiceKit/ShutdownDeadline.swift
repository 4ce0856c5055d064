import EventLoop
import ServiceLifecycle
import Synchronization

/// When a service that was told to stop must be gone, whatever hangs. Its time is shared out: requests under way have six
/// tenths of it, workers and what the service opened three quarters, and the last spans and lines what is left but for a
/// moment in which the process ends.
final class ShutdownDeadline: Sendable {
    private let timeout: Duration
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    init(timeout: Duration) { self.timeout = timeout }

    /// How long requests under way may take at most.
    static func drainTimeout(within timeout: Duration) -> Duration { timeout * 6 / 10 }

    /// The time begins to run; only the first call counts.
    func begin() { end.withLock { if $0 == nil { $0 = .now + timeout - min(timeout / 40, .milliseconds(250)) } } }

    /// What is left for everything. Begins the time.
    var remaining: Duration {
        begin()
        return max(end.withLock { ($0 ?? .now) - .now }, .zero)
    }

    /// What is left before the last quarter.
    var remainingForStopping: Duration { max(remaining - timeout / 4, .zero) }
}

/// Runs a service; told to stop, it is cancelled when the time for that is over, and left alone if it does not heed.
struct PunctualService: Service {
    let service: any Service
    let deadline: ShutdownDeadline
    let eventLoop: EventLoop
    /// Is called when time is up.
    let onLate: @Sendable () -> Void

    func run() async throws {
        let end = FirstResult()
        let work = Task(executorPreference: eventLoop) {
            do {
                try await service.run()
                end.offer(.success(()))
            } catch {
                end.offer(.failure(error))
            }
        }
        let timer = Task(executorPreference: eventLoop) {
            do {
                try await gracefulShutdown()
                try await eventLoop.sleep(for: deadline.remainingForStopping)
            } catch {
                return  // Cancelled: the service has ended.
            }
            work.cancel()
            if end.offer(.success(())) { onLate() }
        }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await end.wait()
        } onCancel: {
            work.cancel()
        }
    }
}

/// The first of several results; one task waits for it.
private final class FirstResult: Sendable {
    private struct State {
        var result: Result<Void, any Error>?
        var waiting: CheckedContinuation<Void, any Error>?
    }
    private let state = Mutex(State())

    /// - Returns: whether it was the first.
    @discardableResult
    func offer(_ result: Result<Void, any Error>) -> Bool {
        let (isFirst, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Void, any Error>?) in
            guard state.result == nil else { return (false, nil) }
            state.result = result
            defer { state.waiting = nil }
            return (true, state.waiting)
        }
        waiting?.resume(with: result)
        return isFirst
    }

    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
