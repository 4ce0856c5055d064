import FaultRules

extension FaultDefinition {
    /// Reports the service as not ready on its readiness endpoint.
    static let unready = FaultDefinition(
        "unready", .process,
        summary: "fails /readyz",
        .readiness { rule, isHidden in
            // When faults are hidden, students see an ordinary failing component.
            isHidden ? ("admission", "not taking requests") : ("fault", "the rule '\(rule)' is in force")
        })
}

extension FaultKind { package static let unready = FaultDefinition.unready.kind }
