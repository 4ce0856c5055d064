import Glibc
import SwiftOverlayShims

/// The source of timestamps. Tests supply their own.
package struct WallClock: Sendable {
    private let read: @Sendable () -> UInt64

    /// Creates a clock that reads nanoseconds since the Unix epoch from `read`.
    package init(_ read: @escaping @Sendable () -> UInt64) { self.read = read }

    /// Nanoseconds since the Unix epoch.
    package func now() -> UInt64 { read() }

    /// The system's clock.
    package static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The system's clock at its last tick, at most 10 ms ago. Reading it takes a quarter of the time.
    package static let coarse = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
