import Synchronization
import Workload

/// The time a scenario's load runs by. It stands still while something happens that no request may fall into, and no
/// request that is due after such a moment is sent before it is over: so the same requests come before and after it,
/// whatever the speed. Safe to use from any thread.
package final class ScenarioClock: Sendable {
    private struct State {
        /// By the base clock; set by the first question.
        var origin: Duration?
        /// How long it has stood still, and since when it does now.
        var held: Duration = .zero
        var heldSince: Duration?
        /// What is still to come, by this clock; sorted.
        var barriers: [Duration]
    }

    private let base: LoadClock
    private let state: Mutex<State>
    /// How many times faster than told the scenario runs.
    package let speed: Double

    /// - Parameter barriers: the scenario's times of what no request may fall into.
    package init(base: LoadClock, speed: Double, barriers: [Duration]) {
        self.base = base
        self.speed = speed
        let scaled = barriers.map { Self.scaled($0, speed) }
        state = Mutex(State(barriers: scaled.sorted()))
    }

    /// When something is due that the scenario has at `time`.
    package static func scaled(_ time: Duration, _ speed: Double) -> Duration { time / speed }

    /// Since the first call, without the time it stood still.
    package func now() -> Duration {
        let moment = base.now()
        return state.withLock { Self.now(moment, &$0) }
    }

    private static func now(_ moment: Duration, _ state: inout State) -> Duration {
        let origin = state.origin ?? moment
        state.origin = origin
        return (state.heldSince ?? moment) - origin - state.held
    }

    /// The time in the scenario.
    package var scenarioTime: Duration { now() * speed }

    /// What the load waits by.
    package var loadClock: LoadClock {
        LoadClock(now: { self.now() }, sleepUntil: { try await self.sleepUntil($0, passing: false) })
    }

    /// Waits until the scenario has come to `time`, whatever stands in the way of requests.
    package func sleepUntilScenario(_ time: Duration) async throws {
        try await sleepUntil(Self.scaled(time, speed), passing: true)
    }

    private func sleepUntil(_ time: Duration, passing: Bool) async throws {
        while true {
            let now = now()
            let isBarred =
                !passing
                && state.withLock { state in
                    // A microsecond's grace: both times were rounded.
                    state.barriers.first.map { $0 <= time + .microseconds(1) } ?? false
                }
            if now >= time, !isBarred { return try Task.checkCancellation() }
            // In steps where it is barred or may be held, since nobody can say for how long.
            let step = max(time - now, .milliseconds(1))
            try await base.sleepUntil(base.now() + (isBarred || passing ? min(step, .milliseconds(2)) : step))
        }
    }

    /// Stands still until ``resume(after:)``.
    package func hold() {
        let moment = base.now()
        state.withLock { if $0.heldSince == nil { $0.heldSince = moment } }
    }

    /// Goes on, and lets the requests go that wait for the scenario's `time` to be over.
    package func resume(after time: Duration) {
        let (moment, time) = (base.now(), Self.scaled(time, speed))
        state.withLock { state in
            if let since = state.heldSince { state.held += moment - since }
            state.heldSince = nil
            state.barriers.removeAll { $0 <= time }
        }
    }
}
