import Glibc
import Synchronization

/// The signals that the process receives, as they come: swift-service-lifecycle's sequence of that name.
///
/// One thread waits for them (`sigwait`), so that no code ever runs inside a signal handler. It ends when the sequence
/// and its iterators are let go.
public struct UnixSignalsSequence: AsyncSequence, Sendable {
    /// A signal.
    public typealias Element = UnixSignal

    private let stream: AsyncStream<UnixSignal>
    /// What waits for the system's signals, if anything does.
    let thread: SignalThread?

    /// Receives `signals` from now on, blocking them in the calling thread; ``UnixSignal/block(_:)`` must have blocked
    /// them in all threads that run already.
    /// - Parameter terminatingAt: the how-manieth signal is not received any more but ends the process as if nobody
    ///   waited for it, even if no task gets to run: the way out for someone who presses Ctrl-C and nothing happens.
    ///   `nil` for none.
    public init(trapping signals: [UnixSignal], terminatingAt limit: Int? = nil) {
        let (stream, continuation) = AsyncStream<UnixSignal>.makeStream(bufferingPolicy: .bufferingNewest(8))
        self.stream = stream
        UnixSignal.block(signals)
        thread = SignalThread(signals: signals, limit: limit) { continuation.yield($0) }
        if thread == nil {
            // There is nothing to wait for, or the system has no thread to give: signals keep their default effect.
            UnixSignal.unblock(signals)
            continuation.finish()
        }
    }

    /// Signals that come from elsewhere than the system: for tests.
    public init(_ stream: AsyncStream<UnixSignal>) {
        self.stream = stream
        thread = nil
    }

    /// Iterates over the signals. Two iterators share them: each signal goes to one.
    public func makeAsyncIterator() -> Iterator { Iterator(base: stream.makeAsyncIterator(), thread: thread) }

    /// Gives one signal after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: AsyncStream<UnixSignal>.AsyncIterator
        fileprivate let thread: SignalThread?

        /// Waits for the next signal; `nil` if there will be none or the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> UnixSignal? {
            await base.next(isolation: actor)
        }
    }
}

/// The thread that waits for signals; ended and joined when it is let go.
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
        // Sent to the thread alone: it wakes up, sees that it is done, and ends.
        pthread_kill(id, waiter.signals[0].rawValue)
        pthread_join(id, nil)
    }
}

/// What the thread that waits for signals needs.
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

    /// Starts the thread, which keeps the waiter alive; `nil` if the system has no thread to give.
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
