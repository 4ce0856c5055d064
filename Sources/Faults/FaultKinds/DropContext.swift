import FaultRules
import HTTP
import Vocabulary

extension FaultDefinition {
    /// Splits a trace in two. Caught by verification rule 2 (every expected edge).
    static let dropContext = FaultDefinition(
        "drop-context", .correlation, services: [.gateway, .tasks], argument: .upstream, brokenRule: 2,
        summary: "sends no traceparent to an upstream",
        .upstreamRequest { fault, call in
            fault.inject()
            fault.keepDeciding(in: &call)
            call.headers[Header.traceParent] = nil
            call.headers[Header.traceState] = nil
        })
}

extension FaultKind { package static let dropContext = FaultDefinition.dropContext.kind }
