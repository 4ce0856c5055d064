import FaultRules
import Vocabulary

extension FaultDefinition {
    /// Leaves queued tasks waiting.
    static let queueStall = FaultDefinition(
        "queue-stall", .process, services: [.tasks], onlyOperation: "process-task",
        argument: .duration(default: .seconds(5)),
        summary: "has the worker wait before it takes a queued task",
        .beforeMessage { fault in
            fault.inject()
            try await fault.wait()
        })
}

extension FaultKind { package static let queueStall = FaultDefinition.queueStall.kind }
