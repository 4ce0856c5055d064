import FaultRules

extension FaultDefinition {
    /// Ends spans and counts them as started as usual, but never exports them. Caught by verification rule 6 (line's
    /// span exists) if another service has spans in the trace, otherwise by rule 1 (trace found).
    static let lostSpans = FaultDefinition(
        "lost-spans", .correlation, brokenRule: 6,
        summary: "loses the request's spans before they are sent",
        .beginning { fault, _ in
            fault.inject()
            fault.request.loseSpans()
        })
}

extension FaultKind { package static let lostSpans = FaultDefinition.lostSpans.kind }
