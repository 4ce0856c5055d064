import FaultRules
import Vocabulary

extension FaultDefinition {
    /// Makes statements take longer. Statements run on the service's loop, so a slow one holds up the whole service, as
    /// a slow disk would.
    static let dbSlow = FaultDefinition(
        "db-slow", .process, services: [.tasks, .payments], argument: .delay,
        summary: "makes each statement of the request take longer",
        .statement { fault, _ in
            fault.inject()
            fault.block(for: fault.delay)
        })
}

extension FaultKind { package static let dbSlow = FaultDefinition.dbSlow.kind }
