import FaultRules
import Vocabulary
import Workload

/// An incident as its file describes it: what goes wrong and when, which symptoms must show, and the questions.
package struct Incident: Sendable {
    /// The file's name without its extension. Reveals no more than the title does.
    package var name: String
    /// Other names it can be found by, such as former ones. No list shows them: they may reveal the cause.
    package var aliases: [String]
    package var title: String
    /// What it teaches, in one sentence.
    package var lesson: String
    /// What students read at the start.
    package var story: String
    /// Determines the requests, and so which of them are hit.
    package var seed: UInt64
    package var load: LoadProfile
    /// Sorted by time.
    package var timeline: [TimelineEntry]
    package var symptoms: [Symptom]
    /// The names of the Loki ruler's alerts that fire during the incident; empty if it triggers none.
    package var alerts: [String]
    /// From the subtlest to the most obvious.
    package var hints: [String]
    package var questions: [Question]
    /// Services that are restarted when they die.
    package var restart: Set<ServiceRole>
    /// Environment variables that services are started with, by name.
    package var environment: [ServiceRole: [String: String]]

    /// The load to send.
    package struct LoadProfile: Sendable, Equatable {
        /// Requests per second.
        package var rate: Double
        package var duration: Duration
        package var mix: Mix<RequestKind>
        package var computations: Mix<ComputationKind>
        package var concurrency: Int

        func plan(seed: UInt64) throws(LoadPlanError) -> LoadPlan {
            try LoadPlan(
                seed: seed, rate: rate, limit: .duration(duration), concurrency: concurrency, mix: mix,
                computations: computations)
        }
    }

    /// The load at its original speed.
    package func plan(seed: UInt64? = nil) throws(LoadPlanError) -> LoadPlan { try load.plan(seed: seed ?? self.seed) }

    /// The rules for single requests, each with its times, and with `seed` unless the rule has its own.
    package func requestRules(seed: UInt64? = nil) -> [FaultRule] { rules(.request, seed ?? self.seed) }

    /// The rules for whole services, with their times.
    package var serviceRules: [FaultRule] { rules(.service, nil) }

    private func rules(_ scope: FaultKind.Scope, _ seed: UInt64?) -> [FaultRule] {
        timeline.compactMap { entry in
            guard case .rule(var rule) = entry.event, rule.kind.scope == scope else { return nil }
            rule.from = entry.at
            rule.length = entry.length
            rule.seed = rule.seed ?? seed
            return rule
        }
    }

    /// Whether a service is replaced by another version during the incident.
    package var hasDeploys: Bool {
        timeline.contains { if case .deploy = $0.event { true } else { false } }
    }

    /// Why services that run already cannot play it: they would have to be replaced, or started with other settings;
    /// `nil` if they can. Follows the incident's name in a sentence.
    package var needsItsOwnServices: String? {
        if hasDeploys {
            return "deploys another version of a service, which cannot be done to one that runs already"
        }
        guard let role = ServiceRole.allCases.first(where: { environment[$0] != nil }) else { return nil }
        let names = (environment[role] ?? [:]).keys.sorted().joined(separator: ", ")
        return "needs settings of its own (\(names) of \(role)), which a service that runs already cannot be given"
    }
}

/// An event of an incident.
package struct TimelineEntry: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        /// Has no times: the entry has them.
        case rule(FaultRule)
        case deploy(ServiceRole, version: String)
    }

    /// Measured from the start of the load.
    package var at: Duration
    /// `nil` means until the end.
    package var length: Duration?
    package var event: Event

    /// When it ends, at the latest at `end`.
    package func end(within end: Duration) -> Duration { length.map { min(at + $0, end) } ?? end }
}

/// Says in one line where a file is not a valid incident and what was expected.
package struct IncidentError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
