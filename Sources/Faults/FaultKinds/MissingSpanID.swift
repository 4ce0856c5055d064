import FaultRules
import LogOutput

extension FaultDefinition {
    /// Leaves out which span a line belongs to. Caught by verification rule 9 (request lines carry ids).
    static let missingSpanID = FaultDefinition(
        "missing-span-id", .correlation, brokenRule: 9,
        summary: "writes lines without their span id",
        .line { fault, line in
            fault.inject()
            line.overrides.hasSpanID = false
        })
}

extension FaultKind { package static let missingSpanID = FaultDefinition.missingSpanID.kind }
