import EventLoop
import ServiceLifecycle
import Synchronization

/// The time by which a stopping service must have exited, even if something hangs. Requests in flight get the first six
/// tenths of the time; workers and the service's resources have until three quarters of it. The last spans and log
/// lines get the rest, except for a moment that the process needs to exit.
final class ShutdownDeadline: Sendable {
    private let timeout: Duration
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    init(timeout: Duration) { self.timeout = timeout }

    /// The maximum time for requests in flight.
    static func drainTimeout(within timeout: Duration) -> Duration { timeout * 6 / 10 }

    /// Starts the countdown. Only the first call has an effect.
    func begin() { end.withLock { if $0 == nil { $0 = .now + timeout - min(timeout / 40, .milliseconds(250)) } } }

    /// The total time left. Starts the countdown.
    var remaining: Duration {
        begin()
        return max(end.withLock { ($0 ?? .now) - .now }, .zero)
    }

    /// The time left before the last quarter begins.
    var remainingForStopping: Duration { max(remaining - timeout / 4, .zero) }
}

/// Runs a service. After a shutdown request, cancels it when its time is over, and abandons it if it does not react.
struct PunctualService: Service {
    let service: any Service
    let deadline: ShutdownDeadline
    let eventLoop: EventLoop
    /// Called when the time is over.
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

/// Holds the first of several results. One task waits for it.
private final class FirstResult: Sendable {
    private struct State {
        var result: Result<Void, any Error>?
        var waiting: CheckedContinuation<Void, any Error>?
    }
    private let state = Mutex(State())

    /// - Returns: whether this was the first result.
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
