import FaultRules

extension FaultDefinition {
    /// Rotates the file while the shipper reads it. With a working shipper it breaks nothing, which is what this kind
    /// demonstrates. It breaks verification rule 5 if files are removed before they were read (`LOG_MAX_FILES`).
    static let rotateNow = FaultDefinition(
        "rotate-now", .correlation,
        summary: "rotates the log file in the middle of the request",
        .line { fault, line in if fault.inject() { line.rotates = true } })
}

extension FaultKind { package static let rotateNow = FaultDefinition.rotateNow.kind }
