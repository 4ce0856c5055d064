import Contracts

/// A rule that a request is hit by, with what is drawn for it.
package struct FaultHit: Sendable {
    package var rule: FaultRule
    package var decision: FaultDecision
    /// Whether the request brought the rule itself.
    package var isBrought: Bool

    package init(rule: FaultRule, decision: FaultDecision, isBrought: Bool = false) {
        self.isBrought = isBrought
        self.rule = rule
        self.decision = decision
    }

    package var kind: FaultKind { rule.kind }

    /// The delay, drawn if the rule has a distribution; zero for a kind without.
    package var delay: Duration {
        switch rule.argument {
        case .delay(let distribution): decision.sample(distribution)
        case .duration(let duration): duration
        default: .zero
        }
    }

    package var count: Int { if case .count(let count) = rule.argument { count } else { 1 } }
    package var bytes: Int { if case .bytes(let bytes) = rule.argument { bytes } else { 0 } }

    /// Whether a call of `upstream` is meant.
    package func means(upstream: String) -> Bool {
        guard case .upstream(let role?) = rule.argument else { return true }
        return role.rawValue == upstream
    }

    /// What the ledger says was sampled or set.
    package var value: String {
        if case .delay = rule.argument { return RuleText.text(delay) }
        return rule.argumentText
    }
}
