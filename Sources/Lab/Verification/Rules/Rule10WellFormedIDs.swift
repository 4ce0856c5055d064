import Vocabulary

package struct WellFormedIDsRule: LinkRule {
    package let number = 10
    package let name = "ids are well formed"
    package let explanation = """
        Trace ids are 32 and span ids 16 lower-case hex digits, not all zero, in spans and in lines. Broken by ids \
        written as numbers, in upper case or without leading zeros, and by lines written outside any span.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (request, trace) in evidence.found {
            for span in trace.spans {
                findings.looked()
                func violate(_ what: String, _ id: String) {
                    findings.violate(
                        "\(what) '\(id)' of span \"\(span.name)\" is not well formed", service: span.service,
                        traceID: request.traceID, spanID: span.spanID)
                }
                if !Identifiers.isTraceID(span.traceID) { violate("trace id", span.traceID) }
                if !Identifiers.isSpanID(span.spanID) { violate("span id", span.spanID) }
                if let parent = span.parentSpanID, !Identifiers.isSpanID(parent) { violate("parent id", parent) }
            }
        }
        for line in evidence.evidence.lines {
            let ids = [
                (LogField.traceID, line.traceID, line.traceID.map(Identifiers.isTraceID)),
                (LogField.spanID, line.spanID, line.spanID.map(Identifiers.isSpanID)),
            ]
            if line.traceID != nil || line.spanID != nil { findings.looked() }
            for (name, id, isGood) in ids where isGood == false {
                findings.violate(
                    "\(name) '\(id ?? "")' is not well formed", service: line.service, traceID: line.traceID,
                    spanID: line.spanID, line: line.line)
            }
        }
    }
}
