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
}
