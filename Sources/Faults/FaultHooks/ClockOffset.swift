import Encoding
import Synchronization

/// How far the clocks are ahead. Safe to use from any thread. Adds one relaxed load to each clock reading.
package final class ClockOffset: Sendable {
    private let nanoseconds = Atomic<Int64>(0)

    package init() {}

    package func set(_ offset: Duration) {
        let (seconds, attoseconds) = offset.components
        nanoseconds.store(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
    }

    /// `clock`, shifted forward by this offset.
    package func applied(to clock: WallClock) -> WallClock {
        WallClock { [self] in
            clock.now() &+ UInt64(bitPattern: nanoseconds.load(ordering: .relaxed))
        }
    }
}
