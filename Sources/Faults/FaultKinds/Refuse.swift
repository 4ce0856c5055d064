import FaultRules
import HTTP
import Vocabulary

extension FaultDefinition {
    /// Makes an upstream unreachable.
    static let refuse = FaultDefinition(
        "refuse", .process, services: [.gateway, .tasks], argument: .upstream,
        summary: "makes the connection to an upstream be refused",
        .upstreamRequest { fault, call in
            fault.inject()
            // Nothing listens on this port, so the connection attempt is real and so is the refusal.
            call.url = "http://127.0.0.1:1/"
        })
}

extension FaultKind { package static let refuse = FaultDefinition.refuse.kind }
