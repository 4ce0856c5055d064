import Contracts
import HTTP

extension FaultDefinition {
    /// Has an upstream be gone.
    static let refuse = FaultDefinition(
        "refuse", .process, services: [.gateway, .tasks], argument: .upstream,
        summary: "makes the connection to an upstream be refused",
        .upstreamRequest { fault, call in
            fault.inject()
            // Nothing listens there: the connection is really made, and really refused.
            call.url = "http://127.0.0.1:1/"
        })
}

extension FaultKind { package static let refuse = FaultDefinition.refuse.kind }
