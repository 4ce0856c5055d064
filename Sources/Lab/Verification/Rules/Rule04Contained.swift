package struct ContainedRule: LinkRule {
    package let number = 4
    package let name = "child within parent"
    package let explanation = """
        A span starts and ends within its parent, give or take the clocks. A CONSUMER only starts after its PRODUCER \
        has, and a SERVER may outlive a caller that got no answer. Broken by clocks that disagree, spans that are never \
        ended in time, or work that goes on unawaited.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        let tolerance = evidence.evidence.tolerance
        for (request, trace) in evidence.found {
            for span in trace.spans {
                let title = "\(span.service) \"\(span.name)\""
                func violate(_ message: String) {
                    findings.violate(message, service: span.service, traceID: request.traceID, spanID: span.spanID)
                }
                if span.endNS < span.startNS { violate("\(title) ends before it starts") }
                // Another rule reports spans without their parent.
                guard let parent = span.parentSpanID.flatMap({ evidence.span($0, in: request.traceID) }) else {
                    continue
                }
                findings.looked()
                if span.startNS + tolerance.skewNS < parent.startNS {
                    violate(
                        "\(title) starts \(milliseconds(parent.startNS - span.startNS)) before its parent \"\(parent.name)\""
                    )
                    continue
                }
                guard let latest = Self.latestEnd(of: span, in: parent, tolerance), span.endNS > latest else {
                    continue
                }
                violate("\(title) ends \(milliseconds(span.endNS - parent.endNS)) after its parent \"\(parent.name)\"")
            }
        }
    }

    /// `nil` if the child may end at any time.
    private static func latestEnd(of span: SpanRecord, in parent: SpanRecord, _ tolerance: Tolerance) -> UInt64? {
        if span.kind == .consumer, parent.kind == .producer { return nil }
        guard span.kind == .server, parent.kind == .client else { return parent.endNS + tolerance.skewNS }
        // A caller without an answer does not know when the other side finished.
        guard parent.httpStatus != nil else { return nil }
        return parent.endNS + tolerance.skewNS + tolerance.responseTailNS
    }
}

/// `1.5 ms`.
func milliseconds(_ nanoseconds: UInt64) -> String {
    let tenths = nanoseconds / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
}
