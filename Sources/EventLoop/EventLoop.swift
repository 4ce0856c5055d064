/// One epoll loop on one thread; it is also the Swift `TaskExecutor` its handlers run on.
public final class EventLoop: TaskExecutor {
    /// The loop whose thread is running, or `nil` on any other thread.
    public static var current: EventLoop? { fatalError("stub") }
    /// The loop's name, also its thread's.
    public let name: String
    /// Creates a loop that does not run yet.
    public init(name: String) throws { self.name = name }
    /// Runs the loop on the calling thread until ``stop()``.
    public func run() { fatalError("stub") }
    /// Runs the loop on a thread of its own.
    public func start() throws { fatalError("stub") }
    /// Ends the loop after what was submitted before has run; waits for the thread of ``start()`` to end. Thread-safe.
    public func stop() { fatalError("stub") }
    /// Whether the caller is on the loop's thread.
    public var inEventLoop: Bool { fatalError("stub") }
    /// Runs `work` on the loop, in order of submission. Thread-safe.
    public func submit(_ work: @escaping @Sendable () -> Void) { fatalError("stub") }
    /// Runs a Swift job on the loop. Thread-safe.
    public func enqueue(_ job: consuming ExecutorJob) { fatalError("stub") }
    /// Calls `hook` on the loop each time it is about to wait for events (flush buffers here). Thread-safe.
    public func beforeWaiting(_ hook: @escaping @Sendable () -> Void) { fatalError("stub") }
    /// Calls `onReady` on the loop whenever `descriptor` is ready for one of `interest`. Loop thread only.
    public func watch(_ descriptor: Int32, for interest: Interest, _ onReady: @escaping (Interest) -> Void) throws
        -> Watch
    { fatalError("stub") }
    /// Runs `work` on the loop once, `delay` from now. Loop thread only.
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> Timer { fatalError("stub") }
    /// Suspends the task for `duration`; throws `CancellationError` at once when it is cancelled. Any thread.
    public func sleep(for duration: Duration) async throws { fatalError("stub") }

    /// What a descriptor can be ready for.
    public struct Interest: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt32
        /// Creates a set from bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Can be read, or has ended.
        public static let read = Interest(rawValue: 1)
        /// Can be written.
        public static let write = Interest(rawValue: 2)
        /// Has failed or was hung up; always reported.
        public static let error = Interest(rawValue: 4)
    }
    /// A descriptor being watched. Loop thread only.
    public final class Watch {
        /// Changes what is watched for.
        public func update(_ interest: Interest) throws { fatalError("stub") }
        /// Stops watching. The descriptor stays open.
        public func cancel() { fatalError("stub") }
    }
    /// Work to be done later. Loop thread only.
    public final class Timer {
        /// Forgets the work if it has not run.
        public func cancel() { fatalError("stub") }
    }
}
