import Metrics
import Synchronization
import Vocabulary

/// Counts how often rules have taken effect: as a metric, and since each rule was set for the control API. Safe to use
/// from any thread.
final class FaultCounts: Sendable {
    /// Ids come from outside, so the number of label values must be bounded.
    private static let mostLabels = 200

    private struct State {
        var counters: [String: Counter] = [:]
        var sinceSet: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let metrics: any MetricsFactory

    init(metrics: any MetricsFactory) { self.metrics = metrics }

    /// Counts one injection.
    /// - Parameters:
    ///   - isSet: whether the rule is set on the service; `false` for a rule that a request carried, which has no
    ///     label of its own.
    ///   - isHidden: whether the metric keeps silent about it.
    func count(_ rule: FaultRule, isSet: Bool, isHidden: Bool) {
        let counter = state.withLock { state -> Counter? in
            if isSet { state.sinceSet[rule.id, default: 0] += 1 }
            guard !isHidden else { return nil }
            let id = isSet ? rule.id : "(request)"
            let key = id + "\n" + rule.kind.rawValue
            if let known = state.counters[key] { return known }
            let isNamed = state.counters.count < Self.mostLabels
            let made = Counter(
                label: "tailspan.faults.injected", description: "Faults that took effect.", unit: "{fault}",
                dimensions: [(Attribute.faultID, isNamed ? id : "(other)"), (Attribute.faultKind, rule.kind.rawValue)],
                factory: metrics)
            // Counters that share a label are looked up every time, which keeps the table small.
            if isNamed { state.counters[key] = made }
            return made
        }
        counter?.increment()
    }

    func sinceSet(_ id: String) -> Int { state.withLock { $0.sinceSet[id] ?? 0 } }

    /// Resets the counts of all rules except these.
    func keep(_ ids: Set<String>) {
        state.withLock { state in state.sinceSet = state.sinceSet.filter { ids.contains($0.key) } }
    }
}
