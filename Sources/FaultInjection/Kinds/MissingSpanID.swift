import LogOutput

extension FaultDefinition {
    /// Leaves it open which span a line belongs to. Caught by rule 9: request lines carry ids.
    static let missingSpanID = FaultDefinition(
        "missing-span-id", .correlation, brokenRule: 9,
        summary: "writes lines without their span id",
        .line { fault, line in
            fault.inject()
            line.overrides.hasSpanID = false
        })
}

extension FaultKind { package static let missingSpanID = FaultDefinition.missingSpanID.kind }
