import CLinux
import Glibc
import Synchronization

/// An epoll loop on one thread, which is also the Swift `TaskExecutor` for its handlers.
///
/// Each turn runs the submitted work, then the due timers, then commits and sends what all this and the events of the
/// last poll produced, then polls the kernel for ready descriptors. The poll waits only if there is nothing else to do,
/// so that neither work nor I/O starves.
///
/// Unchecked, because the compiler cannot see threads: everything that is neither guarded by ``submissions`` nor atomic
/// is used only on the loop's thread, and by nobody before that thread runs.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    /// The name of the loop and its thread (Linux keeps 15 bytes).
    public let name: String

    let epoll: Int32
    /// Other threads write to it to end a wait. Watched edge-triggered, so it need not be read.
    let wakeUp: Int32
    /// The `pthread_self` of the running thread; 0 if none is running.
    let owner = Atomic<UInt>(0)
    let submissions = Mutex(Submissions())
    let thread = Mutex<pthread_t?>(nil)

    // Everything below is used on the loop's thread only.
    var work: [Work] = []
    var batch: [Work] = []
    var timers = TimerHeap()
    var watches: [Watch?] = []
    var watchGeneration: UInt32 = 0
    var waitHooks: [@Sendable () -> Void] = []
    var turnsWithoutWait = 0
    var outputs: [any TurnOutput] = []
    var outputsInProgress: [any TurnOutput] = []
    var commits: [() -> (any Error)?] = []
    /// Counts the times that a turn's outputs were taken to be sent. What is queued from then on belongs to the next
    /// commit. Loop thread only.
    package internal(set) var outputRound: UInt64 = 0
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventsPerTurn)
    static let eventsPerTurn = 256

    /// Creates a loop that is not running yet.
    /// - Throws: ``EventLoopError`` if no descriptor can be created.
    public init(name: String) throws {
        self.name = name
        epoll = epoll_create1(TAILSPAN_EPOLL_CLOEXEC)
        guard epoll >= 0 else { throw EventLoopError("epoll_create1", errno) }
        wakeUp = eventfd(0, TAILSPAN_EFD_FLAGS)
        guard wakeUp >= 0 else {
            let code = errno
            close(epoll)
            throw EventLoopError("eventfd", code)
        }
        let flags = TAILSPAN_EPOLLIN | TAILSPAN_EPOLLET
        guard tailspan_epoll_ctl(epoll, EPOLL_CTL_ADD, wakeUp, flags, Watch.wakeUpTag) == 0 else {
            let code = errno
            close(epoll)
            close(wakeUp)
            throw EventLoopError("epoll_ctl", code)
        }
    }

    deinit {
        events.deallocate()
        close(wakeUp)
        close(epoll)
    }

    /// Whether the caller is on the loop's thread.
    public var inEventLoop: Bool { owner.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Calls `hook` on the loop whenever it is about to wait for events (flush buffers here), and occasionally if it is
    /// too busy to wait. Thread-safe.
    public func beforeWaiting(_ hook: @escaping @Sendable () -> Void) {
        submit { self.waitHooks.append(hook) }
    }
}

/// The kernel refused an operation that the loop needs.
public struct EventLoopError: Error, Sendable, CustomStringConvertible {
    /// The call that failed.
    public let call: String
    /// The `errno`.
    public let code: Int32
    /// The call and the system's error message.
    public var description: String { "\(call): \(String(cString: strerror(code)))" }

    init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }
}
