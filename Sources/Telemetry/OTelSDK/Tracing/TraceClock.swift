import Encoding
import Glibc
import Synchronization

/// The time source of spans. The wall clock gives the start of a span and a monotonic clock its duration, so no span
/// ends before it started, even if the wall clock is set meanwhile.
///
/// A span stores the difference between the two clocks. The difference is measured again only when it is older than a
/// given time, so starting a span needs to read only one clock.
package final class TraceClock: Sendable {
    private let wall: WallClock
    private let monotonic: @Sendable () -> UInt64
    private let maximumAge: UInt64
    /// Wall-clock time minus monotonic time, modulo 2^64; meaningless before the first measurement.
    private let offset = Atomic<UInt64>(0)
    /// The monotonic time after which the offset is measured again.
    private let validUntil = Atomic<UInt64>(0)

    /// Creates a clock.
    /// - Parameters:
    ///   - wall: the wall clock.
    ///   - maximumAge: how long the difference between the clocks is trusted, in nanoseconds. This is also the delay
    ///     after which a change of the wall clock is noticed. 0 reads both clocks for every span.
    ///   - monotonic: nanoseconds since an arbitrary point; never goes backwards.
    package init(wall: WallClock, maximumAge: UInt64 = 0, monotonic: @escaping @Sendable () -> UInt64) {
        self.wall = wall
        self.maximumAge = maximumAge
        self.monotonic = monotonic
    }

    /// A clock that follows `wall` alone, for tests whose clock stands still.
    package convenience init(wall: WallClock) { self.init(wall: wall, monotonic: { wall.now() }) }

    /// The system's clocks. A change of the wall clock is noticed within a tenth of a second.
    package static let system = system(wall: .system)

    /// Like ``system``, with another wall clock.
    package static func system(wall: WallClock) -> TraceClock {
        TraceClock(wall: wall, maximumAge: 100_000_000) {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
    }

    /// Starts a measurement. Returns the current wall-clock time and the offset for ``now(offset:)``.
    func start() -> (now: UInt64, offset: UInt64) {
        let monotonic = monotonic()
        if monotonic < validUntil.load(ordering: .acquiring) {
            let offset = offset.load(ordering: .relaxed)
            return (monotonic &+ offset, offset)
        }
        let wall = wall.now()
        let offset = wall &- monotonic
        self.offset.store(offset, ordering: .relaxed)
        validUntil.store(monotonic &+ maximumAge, ordering: .releasing)
        return (wall, offset)
    }

    /// The wall-clock time in nanoseconds since the Unix epoch, based on the time passed since ``start()`` returned
    /// `offset`.
    func now(offset: UInt64) -> UInt64 { monotonic() &+ offset }
}
