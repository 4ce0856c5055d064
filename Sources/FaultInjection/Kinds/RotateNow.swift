extension FaultDefinition {
    /// Rotates the file under the shipper's hands. It breaks nothing where the shipper works, which is what the kind is to
    /// show; but rule 5 if files are removed before they were read (`LOG_MAX_FILES`).
    static let rotateNow = FaultDefinition(
        "rotate-now", .correlation,
        summary: "rotates the log file in the middle of the request",
        .line { fault, line in if fault.inject() { line.rotates = true } })
}

extension FaultKind { package static let rotateNow = FaultDefinition.rotateNow.kind }
