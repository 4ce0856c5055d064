import Encoding
import Glibc

/// The time of spans: the wall clock says when a span starts, a monotonic one how long it takes, so that no span ends
/// before it started however the wall clock is set meanwhile.
package struct TraceClock: Sendable {
    private let wall: WallClock
    private let monotonic: @Sendable () -> UInt64

    /// Creates a clock. `monotonic` gives nanoseconds since any moment and never goes back.
    package init(wall: WallClock, monotonic: @escaping @Sendable () -> UInt64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// A clock that follows `wall` alone: for tests whose clock stands still.
    package init(wall: WallClock) { self.init(wall: wall, monotonic: { wall.now() }) }

    /// The system's clocks.
    package static let system = TraceClock(wall: .system) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Starts to measure.
    func anchor() -> Anchor { Anchor(wall: wall.now(), monotonic: monotonic()) }

    /// The wall-clock time, in nanoseconds since the Unix epoch, by what has passed since `anchor`.
    func now(since anchor: Anchor) -> UInt64 { anchor.wall &+ (monotonic() &- anchor.monotonic) }

    /// One moment on both clocks.
    struct Anchor: Sendable {
        let wall: UInt64
        let monotonic: UInt64
    }
}
