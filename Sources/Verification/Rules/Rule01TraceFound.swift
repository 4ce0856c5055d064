package struct TraceFoundRule: LinkRule {
    package let number = 1
    package let name = "trace found"
    package let explanation = """
        The trace store knows the trace id that each request was sent with. Broken by a lost export, a sampler that \
        ignores the caller, or a propagator that does not read traceparent.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for request in evidence.evidence.requests {
            if evidence.evidence.toleratesFailures, case .noAnswer = request.outcome { continue }
            findings.looked()
            guard evidence.evidence.traces[request.traceID] == nil else { continue }
            let why = request.outcome.complaint.map { " (\($0))" } ?? ""
            findings.violate(
                "no span of request \(request.request.requestID) was found\(why)", service: "gateway",
                traceID: request.traceID)
        }
    }
}
