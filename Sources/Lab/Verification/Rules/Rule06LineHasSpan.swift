package struct LineHasSpanRule: LinkRule {
    package let number = 6
    package let name = "line's span exists"
    package let explanation = """
        The span_id of each line is a span of that trace, and of the service that wrote the line. Broken by a span that \
        was lost on its way to the store, a service that logs under another's name, an id taken from the caller instead of the active span, or a context that leaks between tasks.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (line, standing) in zip(evidence.evidence.lines, evidence.standings) {
            switch standing {
            case .linked: findings.looked()
            case .unknownSpan:
                findings.looked()
                findings.violate(
                    "the line's span is not in the trace", service: line.service, traceID: line.traceID,
                    spanID: line.spanID, line: line.line)
            case .otherService(let span):
                findings.looked()
                findings.violate(
                    "the line's span \"\(span.name)\" is one of \(span.service)",
                    service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
            default: continue
            }
        }
    }
}
