import FaultRules

extension FaultDefinition {
    /// Makes a request or a message take longer.
    static let latency = FaultDefinition(
        "latency", .wire, argument: .delay,
        summary: "waits before the request is handled",
        .beforeHandling { fault in
            fault.inject()
            try await fault.wait()
            return nil
        },
        .beforeMessage { fault in
            fault.inject()
            try await fault.wait()
        })
}

extension FaultKind { package static let latency = FaultDefinition.latency.kind }
