package struct TraceFoundRule: LinkRule {
    package let number = 1
    package let name = "trace found"
    package let explanation = """
        The trace store knows the trace id that each request was sent with. Broken by a lost export, or a propagator \
        that does not read traceparent. A trace whose lines say that it was not sampled is another rule's concern.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for request in evidence.evidence.requests {
            if evidence.evidence.toleratesFailures, case .noAnswer = request.outcome { continue }
            findings.looked()
            guard evidence.evidence.traces[request.traceID] == nil, !evidence.isUnsampled(request.traceID) else {
                continue
            }
            let why = request.outcome.complaint.map { " (\($0))" } ?? ""
            findings.violate(
                "no span of request \(request.request.requestID) was found\(why)", service: "gateway",
                traceID: request.traceID)
        }
    }
}
