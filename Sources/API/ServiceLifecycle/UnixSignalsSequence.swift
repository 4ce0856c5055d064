import Glibc
import Synchronization

/// The signals received by the process, in order. Modelled on swift-service-lifecycle's sequence of the same name.
///
/// One thread waits for them (`sigwait`), so that no code runs inside a signal handler. The thread ends when the
/// sequence and its iterators are released.
public struct UnixSignalsSequence: AsyncSequence, Sendable {
    /// A signal.
    public typealias Element = UnixSignal

    private let stream: AsyncStream<UnixSignal>
    /// The thread that waits for the system's signals, if there is one.
    let thread: SignalThread?

    /// Receives `signals` from now on and blocks them in the calling thread. ``UnixSignal/block(_:)`` must already have
    /// blocked them in all existing threads.
    /// - Parameter terminatingAt: the number of the signal that is not received but ends the process as if nothing
    ///   waited for it, even if no task gets to run. This is the way out for a user who presses Ctrl-C without effect.
    ///   `nil` for none.
    public init(trapping signals: [UnixSignal], terminatingAt limit: Int? = nil) {
        let (stream, continuation) = AsyncStream<UnixSignal>.makeStream(bufferingPolicy: .bufferingNewest(8))
        self.stream = stream
        UnixSignal.block(signals)
        thread = SignalThread(signals: signals, limit: limit) { continuation.yield($0) }
        if thread == nil {
            // Nothing to wait for, or no thread could be created: the signals keep their default effect.
            UnixSignal.unblock(signals)
            continuation.finish()
        }
    }

    /// Creates a sequence from another source than the system, for tests.
    public init(_ stream: AsyncStream<UnixSignal>) {
        self.stream = stream
        thread = nil
    }

    /// Iterates over the signals. Two iterators share them: each signal is delivered to one.
    public func makeAsyncIterator() -> Iterator { Iterator(base: stream.makeAsyncIterator(), thread: thread) }

    /// Returns one signal after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: AsyncStream<UnixSignal>.AsyncIterator
        fileprivate let thread: SignalThread?

        /// Waits for the next signal; `nil` if no more will follow or the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> UnixSignal? {
            await base.next(isolation: actor)
        }
    }
}

/// The thread that waits for signals. It is ended and joined when it is released.
final class SignalThread: Sendable {
    let id: pthread_t
    private let waiter: SignalWaiter

    init?(signals: [UnixSignal], limit: Int?, receive: @escaping @Sendable (UnixSignal) -> Void) {
        guard !signals.isEmpty else { return nil }
        waiter = SignalWaiter(signals: signals, limit: limit, receive: receive)
        guard let id = waiter.start() else { return nil }
        self.id = id
    }

    deinit {
        waiter.isDone.store(true, ordering: .releasing)
        // Sent to this thread only, which wakes up, sees that it is done, and ends.
        pthread_kill(id, waiter.signals[0].rawValue)
        pthread_join(id, nil)
    }
}

/// The state of the thread that waits for signals.
private final class SignalWaiter: Sendable {
    let isDone = Atomic(false)
    let signals: [UnixSignal]
    private let limit: Int?
    private let receive: @Sendable (UnixSignal) -> Void

    init(signals: [UnixSignal], limit: Int?, receive: @escaping @Sendable (UnixSignal) -> Void) {
        self.signals = signals
        self.limit = limit
        self.receive = receive
    }

    /// Starts the thread, which keeps the waiter alive; `nil` if no thread can be created.
    func start() -> pthread_t? {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, nil, { Unmanaged<SignalWaiter>.run($0) }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return nil
        }
        return thread
    }

    fileprivate func wait() {
        var set = signals.set
        var count = 0
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0 else { continue }
            if isDone.load(ordering: .acquiring) { return }
            count += 1
            if count == limit { SignalWaiter.terminate(number) }
            receive(UnixSignal(rawValue: number))
        }
    }

    private static func terminate(_ number: Int32) {
        signal(number, SIG_DFL)
        UnixSignal.unblock([UnixSignal(rawValue: number)])
        raise(number)
    }
}

extension Unmanaged<SignalWaiter> {
    fileprivate static func run(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let box { fromOpaque(box).takeRetainedValue().wait() }
        return nil
    }
}
