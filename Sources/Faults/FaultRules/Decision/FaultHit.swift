import Vocabulary

/// A rule that hits a request, with its decision.
package struct FaultHit: Sendable {
    package var rule: FaultRule
    package var decision: FaultDecision
    /// Whether the request carried the rule itself.
    package var isBrought: Bool

    package init(rule: FaultRule, decision: FaultDecision, isBrought: Bool = false) {
        self.isBrought = isBrought
        self.rule = rule
        self.decision = decision
    }

    package var kind: FaultKind { rule.kind }

    /// The delay, sampled if the rule has a distribution; zero for a kind that has no delay.
    package var delay: Duration {
        switch rule.argument {
        case .delay(let distribution): decision.sample(distribution)
        case .duration(let duration): duration
        default: .zero
        }
    }

    package var count: Int { if case .count(let count) = rule.argument { count } else { 1 } }
    package var bytes: Int { if case .bytes(let bytes) = rule.argument { bytes } else { 0 } }

    /// Whether the rule applies to calls of `upstream`.
    package func means(upstream: String) -> Bool {
        guard case .upstream(let role?) = rule.argument else { return true }
        return role.rawValue == upstream
    }

    /// The sampled or configured value, as the ledger records it.
    package var value: String {
        if case .delay = rule.argument { return RuleText.text(delay) }
        return rule.argumentText
    }
}
