import FaultRules
import Glibc

extension FaultDefinition {
    /// Kills the process with a signal that cannot be caught.
    static let crash = FaultDefinition(
        "crash", .process,
        summary: "ends the process at once, without flushing anything",
        .beforeHandling { fault in
            fault.inject()
            kill(getpid(), SIGKILL)
            return nil
        },
        .beforeMessage { fault in
            fault.inject()
            kill(getpid(), SIGKILL)
        })
}

extension FaultKind { package static let crash = FaultDefinition.crash.kind }
