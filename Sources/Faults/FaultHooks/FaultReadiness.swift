import Encoding
import FaultKinds
import FaultRules

/// The faults that `/readyz` reports.
package struct FaultReadiness: Sendable {
    private let injector: FaultInjector
    private let kinds: [(kind: FaultKind, apply: @Sendable (FaultRule, Bool) -> (component: String, error: String))]

    package init(injector: FaultInjector, catalog: FaultCatalog = .standard) {
        self.injector = injector
        kinds = catalog.definitions.flatMap { definition in
            definition.effects.compactMap {
                if case .readiness(let apply) = $0 { (definition.kind, apply) } else { nil }
            }
        }
    }

    /// The components that a rule makes fail.
    package var failures: [(component: String, error: String)] {
        kinds.compactMap { kind, apply in injector.activate(kind).map { apply($0, injector.isHidden) } }
    }

    /// Writes the rules that are in force as the member `faults`, unless they are hidden.
    package func write(to json: inout JSONWriter) {
        guard !injector.isHidden else { return }
        json.name("faults")
        json.array { for rule in injector.rulesInForce { $0.value(rule.description) } }
    }
}
