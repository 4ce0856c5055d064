import FaultRules
import HTTP
import Vocabulary

extension FaultDefinition {
    /// Sends a trace context that cannot be parsed. Caught by verification rule 2 (every expected edge).
    static let malformedTraceparent = FaultDefinition(
        "malformed-traceparent", .correlation, services: [.gateway, .tasks], argument: .upstream, brokenRule: 2,
        summary: "sends an upstream a traceparent that cannot be read",
        .upstreamRequest { fault, call in
            fault.inject()
            fault.keepDeciding(in: &call)
            // Keeps the ids, but in a form that no version of the specification allows.
            call.headers[Header.traceParent] = call.headers[Header.traceParent].map { $0.replacing("-", with: ":") }
        })
}

extension FaultKind { package static let malformedTraceparent = FaultDefinition.malformedTraceparent.kind }
