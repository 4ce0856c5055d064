import Synchronization
import Workload

/// The clock of a scenario's load. It stops during events that no request may overlap, and requests due after such an
/// event wait until it is over: so the same requests come before and after it, at any speed. Safe to use from any
/// thread.
package final class ScenarioClock: Sendable {
    private struct State {
        /// On the base clock; set by the first reading.
        var origin: Duration?
        /// How long it has been stopped in total, and when the current stop began.
        var held: Duration = .zero
        var heldSince: Duration?
        /// Events still to come, on this clock; sorted.
        var barriers: [Duration]
    }

    private let base: LoadClock
    private let state: Mutex<State>
    /// Speed relative to the scenario.
    package let speed: Double

    /// - Parameter barriers: the scenario times of events that no request may overlap.
    package init(base: LoadClock, speed: Double, barriers: [Duration]) {
        self.base = base
        self.speed = speed
        let scaled = barriers.map { Self.scaled($0, speed) }
        state = Mutex(State(barriers: scaled.sorted()))
    }

    /// When an event at scenario time `time` is due.
    package static func scaled(_ time: Duration, _ speed: Double) -> Duration { time / speed }

    /// Time since the first call, without the time it was stopped.
    package func now() -> Duration {
        let moment = base.now()
        return state.withLock { Self.now(moment, &$0) }
    }

    private static func now(_ moment: Duration, _ state: inout State) -> Duration {
        let origin = state.origin ?? moment
        state.origin = origin
        return (state.heldSince ?? moment) - origin - state.held
    }

    /// The current scenario time.
    package var scenarioTime: Duration { now() * speed }

    /// The clock that the load waits on.
    package var loadClock: LoadClock {
        LoadClock(now: { self.now() }, sleepUntil: { try await self.sleepUntil($0, passing: false) })
    }

    /// Waits until the scenario reaches `time`; barriers do not hold it back.
    package func sleepUntilScenario(_ time: Duration) async throws {
        try await sleepUntil(Self.scaled(time, speed), passing: true)
    }

    private func sleepUntil(_ time: Duration, passing: Bool) async throws {
        while true {
            let now = now()
            let isBarred =
                !passing
                && state.withLock { state in
                    // Allows one microsecond, because both times were rounded.
                    state.barriers.first.map { $0 <= time + .microseconds(1) } ?? false
                }
            if now >= time, !isBarred { return try Task.checkCancellation() }
            // Polls while a barrier or a stop may intervene: its length is unknown.
            let step = max(time - now, .milliseconds(1))
            try await base.sleepUntil(base.now() + (isBarred || passing ? min(step, .milliseconds(2)) : step))
        }
    }

    /// Stops the clock until ``resume(after:)``.
    package func hold() {
        let moment = base.now()
        state.withLock { if $0.heldSince == nil { $0.heldSince = moment } }
    }

    /// Continues, and releases the requests that wait for the event at scenario time `time`.
    package func resume(after time: Duration) {
        let (moment, time) = (base.now(), Self.scaled(time, speed))
        state.withLock { state in
            if let since = state.heldSince { state.held += moment - since }
            state.heldSince = nil
            state.barriers.removeAll { $0 <= time }
        }
    }
}
