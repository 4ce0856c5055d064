import Glibc

extension FaultDefinition {
    /// Kills the process by a signal that nothing can catch.
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
