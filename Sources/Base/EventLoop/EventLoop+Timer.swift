import Encoding
import Synchronization

extension EventLoop {
    /// Work to be done later. Loop thread only.
    public final class Timer {
        /// When it is due, in nanoseconds of the monotonic clock.
        let deadline: Int64
        var work: (() -> Void)?
        /// What to do instead when the loop ends first.
        var onAbandon: (() -> Void)?

        init(deadline: Int64, work: @escaping () -> Void, onAbandon: (() -> Void)?) {
            self.deadline = deadline
            self.work = work
            self.onAbandon = onAbandon
        }

        /// Forgets the work if it has not run.
        public func cancel() {
            work = nil
            onAbandon = nil
        }
    }

    /// Runs `work` on the loop once, `delay` from now. Timers of the same moment run in the order they were made; one
    /// of no delay runs in the next turn, not within this call. Loop thread only. A loop that ends forgets it.
    @discardableResult
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> Timer {
        schedule(after: delay, work, onAbandon: nil)
    }

    func schedule(after delay: Duration, _ work: @escaping () -> Void, onAbandon: (() -> Void)?) -> Timer {
        let timer = Timer(
            deadline: MonotonicClock.now &+ max(delay.wholeNanoseconds, 0), work: work, onAbandon: onAbandon)
        timers.insert(timer)
        return timer
    }

    /// Suspends the task for `duration`; throws `CancellationError` at once when it is cancelled. Any thread.
    /// - Throws: `CancellationError`, also when the loop ends first.
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
            // When the loop has ended the sleeper has been woken already.
            onLoop {
                sleeper.cancel()
            } orElse: {
            }
        }
    }

    private func onLoop(_ work: @escaping @Sendable () -> Void, orElse: () -> Void) {
        if inEventLoop { work() } else if !submit(work) { orElse() }
    }

    /// One call of ``sleep(for:)``. Unchecked: the continuation is set before the sleeper is handed to the loop, and
    /// then the loop's thread alone touches it (after the loop's end, the caller's alone).
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

        /// May run before ``begin(on:for:)`` does.
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
