import Encoding
import Glibc
import Synchronization

/// The time of spans: the wall clock says when a span starts, a monotonic one how long it takes, so that no span ends
/// before it started however the wall clock is set meanwhile.
///
/// A span keeps the difference between the two clocks. It is measured anew once it is older than a given time, not for
/// each span: one reading of a clock at the start of a span is enough.
package struct TraceClock: Sendable {
    private let wall: WallClock
    private let monotonic: @Sendable () -> UInt64
    private let maximumAge: UInt64
    private let last: Measurement

    private final class Measurement: Sendable {
        /// Wall-clock time less monotonic time, modulo 2^64; meaningless before the first measurement.
        let offset = Atomic<UInt64>(0)
        /// The monotonic time after which it is measured anew.
        let validUntil = Atomic<UInt64>(0)
    }

    /// Creates a clock.
    /// - Parameters:
    ///   - wall: the wall clock.
    ///   - maximumAge: for how many nanoseconds the difference between the clocks is relied on, that is how late a wall
    ///     clock that was set is noticed; 0 reads both clocks for every span.
    ///   - monotonic: nanoseconds since any moment; never goes back.
    package init(wall: WallClock, maximumAge: UInt64 = 0, monotonic: @escaping @Sendable () -> UInt64) {
        self.wall = wall
        self.maximumAge = maximumAge
        self.monotonic = monotonic
        last = Measurement()
    }

    /// A clock that follows `wall` alone: for tests whose clock stands still.
    package init(wall: WallClock) { self.init(wall: wall, monotonic: { wall.now() }) }

    /// The system's clocks. A wall clock that was set is noticed within a tenth of a second.
    package static let system = system(wall: .system)

    /// As ``system``, by another wall clock.
    package static func system(wall: WallClock) -> TraceClock {
        TraceClock(wall: wall, maximumAge: 100_000_000) {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
    }

    /// Starts to measure: this moment on the wall clock, and what to give to ``now(offset:)``.
    func start() -> (now: UInt64, offset: UInt64) {
        let monotonic = monotonic()
        if monotonic < last.validUntil.load(ordering: .acquiring) {
            let offset = last.offset.load(ordering: .relaxed)
            return (monotonic &+ offset, offset)
        }
        let wall = wall.now()
        let offset = wall &- monotonic
        last.offset.store(offset, ordering: .relaxed)
        last.validUntil.store(monotonic &+ maximumAge, ordering: .releasing)
        return (wall, offset)
    }

    /// The wall-clock time, in nanoseconds since the Unix epoch, by what has passed since ``start()`` gave `offset`.
    func now(offset: UInt64) -> UInt64 { monotonic() &+ offset }
}
