import OTel

extension FaultDefinition {
    /// Logs what nobody traced. Caught by rule 17: sampled as sent.
    static let unsampledButLogged = FaultDefinition(
        "unsampled-but-logged", .correlation, brokenRule: 17,
        summary: "does not sample the request's spans, while its lines are written as ever",
        .beginning { fault, context in
            fault.inject()
            fault.request.loseSpans()
            // Children and upstreams follow the flag, and lines tell it.
            context.spanContext?.traceFlags.remove(.sampled)
        })
}

extension FaultKind { package static let unsampledButLogged = FaultDefinition.unsampledButLogged.kind }
