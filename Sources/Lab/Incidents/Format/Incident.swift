import FaultRules
import Vocabulary
import Workload

/// An incident as its file tells it: what goes wrong and when, what must then be seen, and what a student is asked.
package struct Incident: Sendable {
    /// The file's name without its ending. It tells no more than the title does.
    package var name: String
    /// Further names that it answers to, such as those that it once had. No list shows them: they may tell the cause.
    package var aliases: [String]
    package var title: String
    /// What one learns from it, in a sentence.
    package var lesson: String
    /// What a student is told at the start.
    package var story: String
    /// Determines the requests, and with them who is hit.
    package var seed: UInt64
    package var load: LoadProfile
    /// In the order of their times.
    package var timeline: [TimelineEntry]
    package var symptoms: [Symptom]
    /// The alerts of Loki's ruler that fire while it is played, by their names; empty for one that wakes nobody.
    package var alerts: [String]
    /// From the gentlest to the plainest.
    package var hints: [String]
    package var questions: [Question]
    /// Services that are started again when they die.
    package var restart: Set<ServiceRole>
    /// Settings that services are started with, by the names of their variables.
    package var environment: [ServiceRole: [String: String]]

    /// What is sent.
    package struct LoadProfile: Sendable, Equatable {
        /// Requests a second.
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

    /// The load without any haste.
    package func plan(seed: UInt64? = nil) throws(LoadPlanError) -> LoadPlan { try load.plan(seed: seed ?? self.seed) }

    /// The rules that single requests are hit by, each with its time and with `seed`, unless it has one of its own.
    package func requestRules(seed: UInt64? = nil) -> [FaultRule] { rules(.request, seed ?? self.seed) }

    /// The rules that a whole service is under, with their times.
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

    /// Whether a service is replaced by another version on the way.
    package var hasDeploys: Bool {
        timeline.contains { if case .deploy = $0.event { true } else { false } }
    }
}

/// Something that happens in an incident.
package struct TimelineEntry: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        /// Without times of its own: the entry has them.
        case rule(FaultRule)
        case deploy(ServiceRole, version: String)
    }

    /// From the start of the load.
    package var at: Duration
    /// `nil` until the end.
    package var length: Duration?
    package var event: Event

    /// When it is over, by `end` at the latest.
    package func end(within end: Duration) -> Duration { length.map { min(at + $0, end) } ?? end }
}

/// A file that is no incident, in one line: where, and what was expected.
package struct IncidentError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
