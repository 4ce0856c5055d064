import FaultRules
import HTTP

extension FaultDefinition {
    /// Makes the caller wait in vain.
    static let hang = FaultDefinition(
        "hang", .wire, argument: .duration(default: .seconds(30)),
        summary: "answers nothing until the caller or the time given is gone, then 503",
        .beforeHandling { fault in
            fault.inject()
            try await fault.wait()
            throw fault.failure(.serviceUnavailable, "the service hung")
        })
}

extension FaultKind { package static let hang = FaultDefinition.hang.kind }
