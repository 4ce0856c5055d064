extension FaultDefinition {
    /// Writes lines again, as a shipper does that forgot how far it was. Caught by rule 11: nothing twice.
    static let duplicateLogs = FaultDefinition(
        "duplicate-logs", .correlation, argument: .count(default: 2, 2...100), brokenRule: 11,
        summary: "writes each line so many times",
        .line { fault, line in
            fault.inject()
            line.copies = fault.count
        })
}

extension FaultKind { package static let duplicateLogs = FaultDefinition.duplicateLogs.kind }
