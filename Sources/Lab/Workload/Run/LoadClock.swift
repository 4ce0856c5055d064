import EventLoop

/// The clock of a load; tests substitute their own.
package struct LoadClock: Sendable {
    /// The time since some fixed moment; monotonic.
    package var now: @Sendable () -> Duration
    /// Returns at `time`, or at once if it has passed; throws `CancellationError` when the task is cancelled.
    package var sleepUntil: @Sendable (_ time: Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration, sleepUntil: @escaping @Sendable (_ time: Duration) async throws -> Void
    ) {
        self.now = now
        self.sleepUntil = sleepUntil
    }

    /// The machine's monotonic clock, waiting on `eventLoop`.
    package static func monotonic(_ eventLoop: EventLoop) -> LoadClock {
        let origin = ContinuousClock.now
        let now: @Sendable () -> Duration = { origin.duration(to: .now) }
        return LoadClock(now: now) { time in
            let rest = time - now()
            if rest > .zero {
                try await eventLoop.sleep(for: rest)
            } else {
                try Task.checkCancellation()
            }
        }
    }
}
