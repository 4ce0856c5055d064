import Encoding
import Synchronization

/// A wall clock that only moves when a test moves it. Safe to use from any thread.
package final class TestClock: Sendable {
    private let time: Mutex<UInt64>

    /// - Parameter nanosecondsSinceEpoch: its initial time; 2026-01-01T00:00:00Z by default.
    package init(nanosecondsSinceEpoch: UInt64 = 1_767_225_600_000_000_000) { time = Mutex(nanosecondsSinceEpoch) }

    /// The clock to inject into the code under test.
    package var wallClock: WallClock { WallClock { self.time.withLock { $0 } } }

    package func advance(by duration: Duration) {
        time.withLock { $0 += UInt64(duration.wholeNanoseconds) }
    }
}
