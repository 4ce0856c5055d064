package struct ErrorsAgreeRule: LinkRule {
    package let number = 8
    package let name = "errors agree"
    package let explanation = """
        Every span in error has an error-level line with its id, and every error-level line is on a span in error: who \
        sees the one finds the other. A call that was refused (a CLIENT span with a 4xx answer) is in error, too, but \
        nobody has to look at it: a warning is enough. Broken by an error that is caught without being logged, or \
        logged without marking the span. Where a service's lines have another fault (no line at all, no usable ids, no \
        known level), that fault's rule tells, and this one looks at the rest.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (line, span) in evidence.linkedLines where line.isErrorLevel {
            findings.looked()
            guard !span.statusError else { continue }
            findings.violate(
                "a line of level \(line.level ?? "error") is on \"\(span.name)\", which is not in error",
                service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
        }
        let errors = TellingLines(evidence) { $0.isErrorLevel }
        let warnings = TellingLines(evidence) { $0.isWarningLevel }
        for (request, trace) in evidence.found {
            let logged = evidence.servicesWithLines(in: request.traceID)
            var seen: Set<String> = []
            for span in trace.spans where span.statusError && seen.insert(span.spanID).inserted {
                findings.looked()
                let lines = span.isRefusedCall ? warnings : errors
                guard logged.contains(span.service), !lines.tell(of: span, in: request.traceID) else { continue }
                let level = span.isRefusedCall ? "warning" : "error"
                findings.violate(
                    "\"\(span.name)\" is in error, but no \(level)-level line is on it", service: span.service,
                    traceID: request.traceID, spanID: span.spanID)
            }
        }
    }
}

/// The lines that say something about spans, loosely matched: including those whose own faults keep them from being
/// linked to a span.
private struct TellingLines {
    private var spans: Set<[String]> = []
    private var services: Set<[String]> = []

    init(_ evidence: IndexedEvidence, ofLevel isOfLevel: (LogRecord) -> Bool) {
        for (line, standing) in zip(evidence.evidence.lines, evidence.standings)
        where isOfLevel(line) || !line.hasKnownLevel {
            let sent = line.requestID.flatMap { evidence.request(id: $0)?.traceID }
            guard let traceID = line.traceID?.lowercased() ?? sent else { continue }
            if let spanID = line.spanID?.lowercased() { spans.insert([traceID, spanID]) }
            if standing == .withoutIDs, let service = line.service { services.insert([traceID, service]) }
        }
    }

    func tell(of span: SpanRecord, in traceID: String) -> Bool {
        spans.contains([traceID, span.spanID.lowercased()]) || services.contains([traceID, span.service])
    }
}
