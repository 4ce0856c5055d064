import Encoding
import Synchronization

extension EventLoop {
    /// Work scheduled for later. Loop thread only.
    public final class Timer {
        /// When it is due, in nanoseconds of the monotonic clock.
        let deadline: Int64
        var work: (() -> Void)?
        /// Called instead if the loop ends first.
        var onAbandon: (() -> Void)?

        init(deadline: Int64, work: @escaping () -> Void, onAbandon: (() -> Void)?) {
            self.deadline = deadline
            self.work = work
            self.onAbandon = onAbandon
        }

        /// Drops the work if it has not run yet.
        public func cancel() {
            work = nil
            onAbandon = nil
        }
    }

    /// Runs `work` on the loop once, `delay` from now. Timers due at the same moment run in creation order. A timer
    /// without delay runs in the next turn, not within this call. Loop thread only. If the loop ends first, the work is
    /// dropped.
    @discardableResult
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> Timer {
        schedule(after: delay, work, onAbandon: nil)
    }

    /// Like ``schedule(after:_:)``. If the loop ends first, `onAbandon` runs instead.
    package func schedule(after delay: Duration, _ work: @escaping () -> Void, onAbandon: (() -> Void)?) -> Timer {
        let timer = Timer(
            deadline: MonotonicClock.now &+ max(delay.wholeNanoseconds, 0), work: work, onAbandon: onAbandon)
        timers.insert(timer)
        return timer
    }

    /// Suspends the task for `duration`, or until it is cancelled. Callable from any thread.
    /// - Throws: `CancellationError` if the task is cancelled or the loop ends first.
    public func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                sleeper.continuation = continuation
                onLoop {
                    sleeper.begin(on: self, for: duration)
                } orElse: {
                    sleeper.wake(throwing: true)
                }
            }
        } onCancel: {
            // If the loop has ended, the sleeper has already been woken.
            onLoop {
                sleeper.cancel()
            } orElse: {
            }
        }
    }

    private func onLoop(_ work: @escaping @Sendable () -> Void, orElse: () -> Void) {
        if inEventLoop { work() } else if !submit(work) { orElse() }
    }

    /// One call of ``sleep(for:)``. Unchecked: the continuation is set before the sleeper is handed to the loop. After
    /// that, only the loop's thread touches it (or, once the loop has ended, only the caller's thread).
    private final class Sleeper: @unchecked Sendable {
        var continuation: UnsafeContinuation<Void, any Error>?
        private var timer: Timer?
        private var cancelled = false

        func begin(on loop: EventLoop, for duration: Duration) {
            guard !cancelled else { return wake(throwing: true) }
            timer = loop.schedule(after: duration) { [self] in
                wake(throwing: false)
            } onAbandon: { [self] in
                wake(throwing: true)
            }
        }

        /// May run before ``begin(on:for:)``.
        func cancel() {
            cancelled = true
            guard let timer else { return }
            timer.cancel()
            wake(throwing: true)
        }

        func wake(throwing: Bool) {
            timer = nil
            guard let continuation else { return }
            self.continuation = nil
            if throwing { continuation.resume(throwing: CancellationError()) } else { continuation.resume() }
        }
    }
}
