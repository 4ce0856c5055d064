package struct RootedRule: LinkRule {
    package let number = 3
    package let name = "one root, no orphan"
    package let explanation = """
        Exactly one span is the child of the span that the request was sent from, which is the trace's root, and every \
        other span's parent is in the trace. Broken by a root that the trace store took and lost, a service that begins a trace anew, or by a context of another request. A span that is \
        expected under one which is missing is that rule's concern which misses it.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (request, trace) in evidence.found {
            // Empty for a request without a traceparent: its first span is the root.
            let sent = request.request.parentSpanID
            if let known = evidence.evidence.roots {
                findings.looked()
                if known[request.traceID] == nil {
                    findings.violate(
                        "the root, span \(sent) that the request was sent from, is not in the trace", service: "verify",
                        traceID: request.traceID, spanID: sent)
                }
            }
            var roots: Set<String> = []
            for span in trace.spans {
                findings.looked()
                let title = "\(span.service) \(span.kind.rawValue.uppercased()) \"\(span.name)\""
                guard let parent = span.parentSpanID?.lowercased() ?? (sent.isEmpty ? sent : nil) else {
                    findings.violate(
                        "\(title) has no parent: it should be under \(sent)", service: span.service,
                        traceID: request.traceID, spanID: span.spanID)
                    continue
                }
                if parent == sent {
                    roots.insert(span.spanID.lowercased())
                    guard roots.count > 1 else { continue }
                    findings.violate(
                        "\(title) is a second root", service: span.service, traceID: request.traceID,
                        spanID: span.spanID)
                } else if evidence.span(parent, in: request.traceID) == nil,
                    evidence.edges(of: request)?.isBelowGap(span) != true
                {
                    findings.violate(
                        "\(title) is an orphan: its parent \(parent) is not in the trace", service: span.service,
                        traceID: request.traceID, spanID: span.spanID)
                }
            }
        }
    }
}
