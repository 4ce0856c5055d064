package struct NothingTwiceRule: LinkRule {
    package let number = 11
    package let name = "nothing twice"
    package let explanation = """
        No span id occurs twice in a trace, and no line of a request is stored twice. Broken by an export that is \
        retried after it had arrived, or by a log file that is read again from its beginning.
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
        struct Key: Hashable {
            var time: UInt64
            var line: String
        }
        var seen: Set<Key> = []
        // Without ids two lines may well be alike: what they tell happened twice.
        for line in evidence.evidence.lines where line.traceID != nil {
            findings.looked()
            guard !seen.insert(Key(time: line.timestampNS, line: line.line)).inserted else { continue }
            findings.violate(
                "the line is there twice", service: line.service, traceID: line.traceID, spanID: line.spanID,
                line: line.line)
        }
    }
}
