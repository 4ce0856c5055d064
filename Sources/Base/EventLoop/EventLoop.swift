import CLinux
import Glibc
import Synchronization

/// One epoll loop on one thread; it is also the Swift `TaskExecutor` its handlers run on.
///
/// Each turn runs the work that had been submitted, then due timers, then asks the kernel which descriptors are ready:
/// it waits if nothing is left to do and only looks otherwise, so that neither work nor I/O starves.
///
/// Unchecked because the compiler cannot see threads: what is not guarded by ``submissions`` or atomic is touched on
/// the loop's thread only, and before that thread runs by nobody.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    /// The loop's name, also its thread's (of which Linux keeps 15 bytes).
    public let name: String

    let epoll: Int32
    /// Written to by other threads to end a wait. Watched edge-triggered, so that it need not be read.
    let wakeUp: Int32
    /// The running thread's `pthread_self`, 0 when none is.
    let owner = Atomic<UInt>(0)
    let submissions = Mutex(Submissions())
    let thread = Mutex<pthread_t?>(nil)

    // Loop thread only, from here on.
    var work: [Work] = []
    var batch: [Work] = []
    var timers = TimerHeap()
    var watches: [Watch?] = []
    var watchGeneration: UInt32 = 0
    var pollHooks: [PollHook] = []
    var waitHooks: [@Sendable () -> Void] = []
    var turnsWithoutWait = 0
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventsPerTurn)
    static let eventsPerTurn = 256

    /// Creates a loop that does not run yet.
    /// - Throws: ``EventLoopError`` if the kernel gives no descriptor.
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

    /// Calls `hook` on the loop each time it is about to wait for events (flush buffers here), and from time to time
    /// when it is too busy to wait. Thread-safe.
    public func beforeWaiting(_ hook: @escaping @Sendable () -> Void) {
        submit { self.waitHooks.append(hook) }
    }
}

/// The kernel refused something the loop needs.
public struct EventLoopError: Error, Sendable, CustomStringConvertible {
    /// The call that failed.
    public let call: String
    /// The `errno`.
    public let code: Int32
    /// The call and what the system says of the error.
    public var description: String { "\(call): \(String(cString: strerror(code)))" }

    init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }
}
