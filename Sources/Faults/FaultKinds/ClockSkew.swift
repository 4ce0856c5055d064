import FaultRules

extension FaultDefinition {
    /// Shifts the clock of lines and spans. Caught by verification rule 4 (child within parent) if the clock is behind
    /// by more than `--skew`, or ahead by more than a tenth of a second.
    static let clockSkew = FaultDefinition(
        "clock-skew", .correlation, argument: .signedDuration, brokenRule: 4,
        summary: "has the service's clock be ahead (+) or behind (-), for lines and spans",
        .clock { rule in if case .duration(let offset) = rule.argument { offset } else { .zero } })
}

extension FaultKind { package static let clockSkew = FaultDefinition.clockSkew.kind }
