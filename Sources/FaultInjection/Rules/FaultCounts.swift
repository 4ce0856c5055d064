import Contracts
import Metrics
import Synchronization

/// How often rules have taken effect: as a metric, and for the control API since a rule was set. Safe to use from any
/// thread.
final class FaultCounts: Sendable {
    /// Ids come from outside; a metric must not have ever new values of a label.
    private static let mostLabels = 200

    private struct State {
        var counters: [String: Counter] = [:]
        var sinceSet: [String: Int] = [:]
    }

    private let state = Mutex(State())
    /// `nil` keeps silent about faults.
    private let metrics: (any MetricsFactory)?

    init(metrics: (any MetricsFactory)?) { self.metrics = metrics }

    /// Counts one injection.
    /// - Parameter isSet: whether the rule is the service's own; `false` for one that a request brought, which has no
    ///   label of its own.
    func count(_ rule: FaultRule, isSet: Bool) {
        let counter = state.withLock { state -> Counter? in
            if isSet { state.sinceSet[rule.id, default: 0] += 1 }
            guard let metrics else { return nil }
            let id = isSet ? rule.id : "(request)"
            let key = id + "\n" + rule.kind.rawValue
            if let known = state.counters[key] { return known }
            let isNamed = state.counters.count < Self.mostLabels
            let made = Counter(
                label: "tailspan.faults.injected", description: "Faults that took effect.", unit: "{fault}",
                dimensions: [(Attribute.faultID, isNamed ? id : "(other)"), (Attribute.faultKind, rule.kind.rawValue)],
                factory: metrics)
            // Those that share a label are looked up anew each time, which keeps the table small.
            if isNamed { state.counters[key] = made }
            return made
        }
        counter?.increment()
    }

    func sinceSet(_ id: String) -> Int { state.withLock { $0.sinceSet[id] ?? 0 } }

    /// Begins anew with all but these.
    func keep(_ ids: Set<String>) {
        state.withLock { state in state.sinceSet = state.sinceSet.filter { ids.contains($0.key) } }
    }
}
