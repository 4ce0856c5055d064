import FaultRules

extension FaultDefinition {
    /// Writes lines repeatedly, like a shipper that lost its position. Caught by verification rule 11 (nothing twice).
    static let duplicateLogs = FaultDefinition(
        "duplicate-logs", .correlation, argument: .count(default: 2, 2...100), brokenRule: 11,
        summary: "writes each line so many times",
        .line { fault, line in
            fault.inject()
            line.copies = fault.count
        })
}

extension FaultKind { package static let duplicateLogs = FaultDefinition.duplicateLogs.kind }
