import Contracts
import HTTP

extension FaultDefinition {
    /// Passes the trace context on as nobody can read it. Caught by rule 2: every expected edge.
    static let malformedTraceparent = FaultDefinition(
        "malformed-traceparent", .correlation, services: [.gateway, .tasks], argument: .upstream, brokenRule: 2,
        summary: "sends an upstream a traceparent that cannot be read",
        .upstreamRequest { fault, call in
            fault.inject()
            fault.keepDeciding(in: &call)
            // The ids as they are, but in a form that no version of the specification has.
            call.headers[Header.traceParent] = call.headers[Header.traceParent].map { $0.replacing("-", with: ":") }
        })
}

extension FaultKind { package static let malformedTraceparent = FaultDefinition.malformedTraceparent.kind }
