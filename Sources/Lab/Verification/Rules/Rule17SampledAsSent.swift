package struct SampledAsSentRule: LinkRule {
    package let number = 17
    package let name = "sampled as sent"
    package let explanation = """
        A request that was sent with the sampled flag is sampled by every service: no line of it says trace_sampled=false, \
        for it would lead to a trace that was never stored. Broken by a sampler that ignores its parent, or by a hop that \
        does not pass the flags on.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (line, standing) in zip(evidence.evidence.lines, evidence.standings) where standing.isRequestScoped {
            findings.looked()
            guard standing == .notSampled else { continue }
            findings.violate(
                "the line's trace is not sampled, but its request was sent as one that is", service: line.service,
                traceID: line.traceID, spanID: line.spanID, line: line.line)
        }
    }
}
