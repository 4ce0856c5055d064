import Glibc
import Synchronization

/// The signals that the process receives, as they come: swift-service-lifecycle's sequence of that name.
///
/// One thread waits for them (`sigwait`), so that no code ever runs inside a signal handler. It ends when the sequence
/// is let go.
public struct UnixSignalsSequence: AsyncSequence, Sendable {
    /// A signal.
    public typealias Element = UnixSignal

    private let stream: AsyncStream<UnixSignal>
    /// The thread that waits, if there is one.
    private(set) var thread: pthread_t?

    /// Receives `signals` from now on, blocking them in the calling thread; ``UnixSignal/block(_:)`` must have blocked
    /// them in all threads that run already.
    /// - Parameter terminatingAt: the how-manieth signal is not received any more but ends the process as if nobody
    ///   waited for it, even if no task gets to run: the way out for someone who presses Ctrl-C and nothing happens.
    ///   `nil` for none.
    public init(trapping signals: [UnixSignal], terminatingAt limit: Int? = nil) {
        UnixSignal.block(signals)
        let (stream, continuation) = AsyncStream<UnixSignal>.makeStream(bufferingPolicy: .bufferingNewest(8))
        self.stream = stream
        guard let first = signals.first else {
            continuation.finish()
            return
        }
        let waiter = SignalWaiter(signals: signals, limit: limit) { continuation.yield($0) }
        guard let thread = waiter.start() else {
            // Without the thread the signals keep their default effect, once they are no longer blocked.
            UnixSignal.unblock(signals)
            continuation.finish()
            return
        }
        self.thread = thread
        continuation.onTermination = { _ in
            waiter.isDone.store(true, ordering: .releasing)
            // Sent to the thread alone: it wakes up, sees that it is done, and ends.
            pthread_kill(thread, first.rawValue)
            pthread_join(thread, nil)
        }
    }

    /// Signals that come from elsewhere than the system: for tests.
    public init(_ stream: AsyncStream<UnixSignal>) { self.stream = stream }

    /// Iterates over the signals. Two iterators share them: each signal goes to one.
    public func makeAsyncIterator() -> AsyncStream<UnixSignal>.AsyncIterator { stream.makeAsyncIterator() }
}

/// What the thread that waits for signals needs.
private final class SignalWaiter: Sendable {
    let isDone = Atomic(false)
    private let signals: [UnixSignal]
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
