import FaultRules
import LogOutput

extension FaultDefinition {
    /// Writes ids in a form that no trace store uses. Caught by verification rule 10 (ids are well formed).
    static let uppercaseIDs = FaultDefinition(
        "uppercase-ids", .correlation, brokenRule: 10,
        summary: "writes trace and span ids in upper case",
        .line { fault, line in
            fault.inject()
            line.overrides.hasUppercaseIDs = true
        })
}

extension FaultKind { package static let uppercaseIDs = FaultDefinition.uppercaseIDs.kind }
