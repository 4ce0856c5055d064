import Contracts
import Synchronization

/// Whether a service accepts requests, and which of its components work. Safe to use from any thread.
package final class Readiness: Sendable {
    /// The phase of the service's life.
    package enum Phase: String, Sendable {
        case starting
        case running
        /// Stopping: requests in flight are finished, and new ones should go elsewhere.
        case draining
    }

    /// The result of a probe.
    package struct Report: Sendable {
        package struct Component: Sendable {
            package var name: String
            package var isRequired: Bool
            /// What is wrong; `nil` if the component works.
            package var error: String?
            package var latency: Duration
        }

        package var phase: Phase
        package var components: [Component]

        /// Whether the service is running and every required component works.
        package var isReady: Bool { phase == .running && components.allSatisfy { $0.error == nil || !$0.isRequired } }

        /// `ready`, `degraded` (an optional component fails), `broken` (a required component fails), `starting` or
        /// `draining`.
        package var status: String {
            if phase != .running { return phase.rawValue }
            if !isReady { return "broken" }
            return components.contains { $0.error != nil } ? "degraded" : "ready"
        }
    }

    private let checks: [ReadinessCheck]
    private let current = Mutex(Phase.starting)

    package init(checks: [ReadinessCheck]) { self.checks = checks }

    package var phase: Phase {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Checks all components concurrently.
    package func probe() async -> Report {
        let components = await withTaskGroup(of: (Int, Report.Component).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask {
                    let started = ContinuousClock.now
                    var component = Report.Component(name: check.name, isRequired: true, latency: .zero)
                    do {
                        try await check.check()
                    } catch {
                        component.error = String(describing: error)
                    }
                    component.isRequired = check.isRequired()
                    component.latency = .now - started
                    return (index, component)
                }
            }
            var found: [(Int, Report.Component)] = []
            for await one in group { found.append(one) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return Report(phase: phase, components: components)
    }
}

extension ContinuousClock.Instant {
    fileprivate static func - (left: Self, right: Self) -> Duration { right.duration(to: left) }
}
