package struct ErrorsAgreeRule: LinkRule {
    package let number = 8
    package let name = "errors agree"
    package let explanation = """
        Every span in error has an error-level line with its id, and every error-level line is on a span in error: who \
        sees the one finds the other. Broken by an error that is caught without being logged, or logged without \
        marking the span.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        var errorLines: Set<[String]> = []
        for (line, span) in evidence.linkedLines where line.isErrorLevel {
            findings.looked()
            errorLines.insert([span.traceID, span.spanID])
            guard !span.statusError else { continue }
            findings.violate(
                "a line of level \(line.level ?? "error") is on \"\(span.name)\", which is not in error",
                service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
        }
        for (request, trace) in evidence.found {
            var seen: Set<String> = []
            for span in trace.spans where span.statusError && seen.insert(span.spanID).inserted {
                findings.looked()
                guard !errorLines.contains([span.traceID, span.spanID]) else { continue }
                findings.violate(
                    "\"\(span.name)\" is in error, but no error-level line is on it", service: span.service,
                    traceID: request.traceID, spanID: span.spanID)
            }
        }
    }
}
