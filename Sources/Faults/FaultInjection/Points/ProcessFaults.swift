import Encoding
import Glibc
import Synchronization

/// What is done to the process itself. Safe to use from any thread.
package final class ProcessFaults: Sendable {
    private let leaked = Mutex<[[UInt8]]>([])
    private let end: @Sendable () -> Void

    /// - Parameter end: what a crash does; a signal that nothing can catch unless told otherwise.
    package init(end: @escaping @Sendable () -> Void = { kill(getpid(), SIGKILL) }) { self.end = end }

    /// Does what a hit does to the process; nothing for one of another kind.
    func apply(_ hit: FaultHit, _ faults: RequestFaults) {
        switch hit.kind {
        case .cpu:
            faults.inject(hit)
            compute(for: hit.delay)
        case .memoryLeak:
            faults.inject(hit)
            leak(hit.bytes)
        case .crash:
            faults.inject(hit)
            crash()
        default: break
        }
    }

    /// Computes for so long on the calling thread, by the thread's own clock: what else runs there does not count.
    func compute(for duration: Duration) {
        let end = Self.threadTime() + duration
        var value: UInt64 = 88_172_645_463_325_252
        while Self.threadTime() < end {
            for _ in 0..<1000 {
                value ^= value << 13
                value ^= value >> 7
                value ^= value << 17
            }
        }
        // The loop is not to be optimised away.
        precondition(value != 0)
    }

    /// Keeps so many bytes, each page touched.
    func leak(_ bytes: Int) { leaked.withLock { $0.append([UInt8](repeating: 0xA5, count: bytes)) } }

    func crash() { end() }

    /// Holds up the calling thread.
    static func block(for duration: Duration) {
        var left = timespec(
            tv_sec: Int(duration.wholeNanoseconds / 1_000_000_000),
            tv_nsec: Int(duration.wholeNanoseconds % 1_000_000_000))
        var rest = timespec()
        while nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }

    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
