package struct EveryServiceLoggedRule: LinkRule {
    package let number = 5
    package let name = "every service logged"
    package let explanation = """
        Each service with a span in the trace wrote at least one line with the trace's id; by its name or by its span, \
        and in whatever case. Broken by a log level that is too high, a log shipper that has stopped, a full disk, or a \
        handler that does not know the active span.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (request, trace) in evidence.found {
            let logged = evidence.servicesWithLines(in: request.traceID)
            for service in trace.services {
                findings.looked()
                guard !logged.contains(service) else { continue }
                let count = trace.spans.count { $0.service == service }
                findings.violate(
                    "has \(count) \(count == 1 ? "span" : "spans") in the trace but no line with its id",
                    service: service, traceID: request.traceID)
            }
        }
    }
}
