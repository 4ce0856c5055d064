package struct NothingTwiceRule: LinkRule {
    package let number = 11
    package let name = "nothing twice"
    package let explanation = """
        No span id occurs twice in a trace, and no line of a request is stored twice, not even with another time. Broken \
        by an export that is retried after it had arrived, by a log file that is read again from its beginning, or by \
        a logger with two handlers for one file. A line that came over OTLP is its text and its structured metadata.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (request, trace) in evidence.found {
            var seen: Set<String> = []
            for span in trace.spans {
                findings.looked()
                guard !seen.insert(span.spanID.lowercased()).inserted else { continue }
                findings.violate(
                    "span \"\(span.name)\" is there twice", service: span.service, traceID: request.traceID,
                    spanID: span.spanID)
            }
        }
        var seenLines: Set<[String]> = []
        // Without ids, two equal lines are legitimate: what they report happened twice.
        for line in evidence.evidence.lines where line.traceID != nil {
            findings.looked()
            guard !seenLines.insert(line.identity).inserted else { continue }
            findings.violate(
                "the line is there twice", service: line.service, traceID: line.traceID, spanID: line.spanID,
                line: line.line)
        }
    }
}
