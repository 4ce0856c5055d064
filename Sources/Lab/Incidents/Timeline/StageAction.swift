import FaultRules
import Vocabulary

/// An action of the runner during an incident. Rules for single requests need none: they are set from the start, and
/// each request carries its scenario time.
struct StageAction: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case begin(FaultRule)
        case end(FaultRule)
        case deploy(ServiceRole, version: String)
    }

    /// In scenario time.
    var time: Duration
    var kind: Kind

    /// Whether every earlier request must have finished.
    var needsQuiet: Bool { if case .deploy = kind { true } else { false } }

    /// The actions of an incident, sorted by time.
    static func all(of incident: Incident, withFaults: Bool) -> [StageAction] {
        var actions: [StageAction] = []
        for entry in incident.timeline {
            switch entry.event {
            case .deploy(let service, let version):
                actions.append(StageAction(time: entry.at, kind: .deploy(service, version: version)))
            case .rule(let rule) where rule.kind.scope == .service && withFaults:
                actions.append(StageAction(time: entry.at, kind: .begin(rule)))
                let end = entry.end(within: incident.load.duration)
                actions.append(StageAction(time: end, kind: .end(rule)))
            case .rule: continue
            }
        }
        return actions.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }
}
