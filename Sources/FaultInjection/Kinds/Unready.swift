extension FaultDefinition {
    /// Has the service take no requests, for whoever asks it.
    static let unready = FaultDefinition(
        "unready", .process,
        summary: "fails /readyz",
        .readiness { rule, isHidden in
            // Students see a component that fails like any other.
            isHidden ? ("admission", "not taking requests") : ("fault", "the rule '\(rule)' is in force")
        })
}

extension FaultKind { package static let unready = FaultDefinition.unready.kind }
