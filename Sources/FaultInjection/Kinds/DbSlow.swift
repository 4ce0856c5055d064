import Contracts

extension FaultDefinition {
    /// Has statements take longer. A statement runs on the service's loop, so one that is slow holds up the whole service: as
    /// it would be with a real slow disk.
    static let dbSlow = FaultDefinition(
        "db-slow", .process, services: [.tasks, .payments], argument: .delay,
        summary: "makes each statement of the request take longer",
        .statement { fault, _ in
            fault.inject()
            fault.block(for: fault.delay)
        })
}

extension FaultKind { package static let dbSlow = FaultDefinition.dbSlow.kind }
