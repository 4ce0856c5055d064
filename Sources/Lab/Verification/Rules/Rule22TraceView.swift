package struct TraceViewRule: LinkRule {
    package let number = 22
    package let name = "traces can be drawn"
    package let explanation = """
        What the trace store answers to Grafana's trace view (/api/v2/traces, as protobuf) can be read to its end, has all \
        spans, and a status, a scope and a resource for each of them. Broken by a store, or something before it, that \
        leaves out what is empty: Grafana looks into it unasked and answers 500.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        let opened = links.clicks?.traces ?? []
        guard !opened.isEmpty else { return findings.skip("no trace could be opened where Grafana opens it") }
        for click in opened {
            findings.looked()
            func violate(_ message: String, spanID: String? = nil) {
                findings.violate("\(click.source) \(message)", traceID: click.traceID, spanID: spanID)
            }
            switch click.outcome {
            // The rule about the queried time range reports this.
            case .notFound: continue
            case .refused where click.window.map { $0.start >= $0.end } == true: continue
            case .refused(let reason): violate("refuses to give the trace: \(reason)")
            case .unreadable(let reason): violate("gives what Grafana cannot read: \(reason)")
            case .trace(let trace):
                if let span = trace.spans.first(where: { !$0.hasStatus || !$0.hasScope || !$0.hasResource }) {
                    let part = !span.hasStatus ? "status" : span.hasScope ? "resource" : "scope"
                    violate("leaves out the \(part) of a span, which Grafana takes for there", spanID: span.spanID)
                }
                let drawn = Set(trace.spans.map(\.spanID))
                let known = evidence.evidence.traces[click.traceID]?.spans ?? []
                let missing = known.filter { !drawn.contains($0.spanID.lowercased()) }
                if let first = missing.first {
                    violate(
                        "draws the trace without \(missing.count) of its \(known.count) spans", spanID: first.spanID)
                }
            }
        }
    }
}
