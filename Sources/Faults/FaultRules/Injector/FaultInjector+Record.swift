import Encoding
import Synchronization
import TraceContext
import Vocabulary

/// The ground truth: the faults that have taken effect.
extension FaultInjector {
    func record(_ hit: FaultHit, of request: RequestFaults.Request) {
        ledger.append(
            FaultLedger.Entry(
                time: clock.now(), traceID: request.traceID?.description, requestID: request.requestID,
                replayOf: request.replayOf?.description, service: configuration.service.rawValue,
                operation: request.operation, rule: hit.rule.id, kind: hit.kind.rawValue, value: hit.value))
        counts.count(hit.rule, isSet: !hit.isBrought, isHidden: isHidden)
    }

    /// Records that a service-wide rule has taken effect.
    package func record(_ rule: FaultRule) {
        ledger.append(
            FaultLedger.Entry(
                time: clock.now(), service: configuration.service.rawValue, rule: rule.id, kind: rule.kind.rawValue,
                value: rule.argumentText))
        counts.count(rule, isSet: true, isHidden: isHidden)
    }

    /// Returns the service-wide rule of a kind that is in force now. Records it when it is first found in force, once
    /// each time it is set.
    package func activate(_ kind: FaultKind) -> FaultRule? {
        guard isActive else { return nil }
        let now = now()
        guard let entry = entries.first(where: { $0.rule.kind == kind && isInForce($0, at: now) }) else { return nil }
        let isFirst = activations.withLock { activations in
            activations.updateValue(entry.since, forKey: entry.rule.id) != entry.since
        }
        if isFirst { record(entry.rule) }
        return entry.rule
    }
}
