import Glibc

/// An operating system signal.
public struct UnixSignal: Hashable, Sendable, CustomStringConvertible {
    /// The signal's number on this system.
    public let rawValue: Int32

    /// Creates a signal from its number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The terminal was closed.
    public static let sighup = UnixSignal(rawValue: SIGHUP)
    /// Ctrl-C.
    public static let sigint = UnixSignal(rawValue: SIGINT)
    /// Ctrl-\.
    public static let sigquit = UnixSignal(rawValue: SIGQUIT)
    /// A request to terminate, which `kill`, Docker and Kubernetes send first.
    public static let sigterm = UnixSignal(rawValue: SIGTERM)
    /// Free for the program's own use.
    public static let sigusr1 = UnixSignal(rawValue: SIGUSR1)
    /// Free for the program's own use.
    public static let sigusr2 = UnixSignal(rawValue: SIGUSR2)

    /// The signal's name, such as `SIGTERM`.
    public var description: String {
        switch self {
        case .sighup: "SIGHUP"
        case .sigint: "SIGINT"
        case .sigquit: "SIGQUIT"
        case .sigterm: "SIGTERM"
        case .sigusr1: "SIGUSR1"
        case .sigusr2: "SIGUSR2"
        default: "signal \(rawValue)"
        }
    }

    /// Blocks `signals` in the calling thread and in all threads it starts from now on.
    ///
    /// Call it first in `main`. A signal that ``UnixSignalsSequence`` is to receive must be blocked in every thread;
    /// otherwise the system delivers it to a thread where it is not blocked, which ends the process. Child processes
    /// inherit the block unless they are started with a signal mask of their own (`posix_spawnattr_setsigmask`).
    public static func block(_ signals: [UnixSignal]) { setMask(SIG_BLOCK, signals) }

    /// Reverses ``block(_:)`` for the calling thread. Once nothing waits for them, the signals end the process again.
    public static func unblock(_ signals: [UnixSignal]) { setMask(SIG_UNBLOCK, signals) }

    private static func setMask(_ how: Int32, _ signals: [UnixSignal]) {
        var set = signals.set
        pthread_sigmask(how, &set, nil)
    }
}

extension [UnixSignal] {
    /// The signals as a system signal set.
    var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in self { sigaddset(&set, signal.rawValue) }
        return set
    }
}
