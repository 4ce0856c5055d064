import FaultRules
import TraceContext

extension FaultDefinition {
    /// Logs a request that is not traced. Caught by verification rule 17 (sampled as sent).
    static let unsampledButLogged = FaultDefinition(
        "unsampled-but-logged", .correlation, brokenRule: 17,
        summary: "does not sample the request's spans, while its lines are written as ever",
        .beginning { fault, context in
            fault.inject()
            fault.request.loseSpans()
            // Child spans and upstreams follow the flag, and log lines show it.
            context.spanContext?.traceFlags.remove(.sampled)
        })
}

extension FaultKind { package static let unsampledButLogged = FaultDefinition.unsampledButLogged.kind }
