package struct LineInSpanTimeRule: LinkRule {
    package let number = 7
    package let name = "line within span's time"
    package let explanation = """
        Each line was written while its span was open, by its own timestamp and by the store's. Broken by clocks that \
        disagree, a shipper that takes the time of reading for the time of writing, or a line with a stale context.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        let skew = evidence.evidence.tolerance.skewNS
        for (line, span) in evidence.linkedLines {
            findings.looked()
            // Lines have whole microseconds, truncated: a line in the span's first microsecond may seem to precede it.
            let earliest = span.startNS - span.startNS % 1000
            let times = [(line.ownTimestampNS ?? line.timestampNS, "was written"), (line.timestampNS, "is stored as")]
            for (time, verb) in times {
                var off: String?
                if time + skew < earliest {
                    off = "\(milliseconds(earliest - time)) before"
                } else if time > span.endNS + skew {
                    off = "\(milliseconds(time - span.endNS)) after"
                }
                guard let off else { continue }
                findings.violate(
                    "the line \(verb) \(off) its span \"\(span.name)\"", service: line.service, traceID: line.traceID,
                    spanID: line.spanID, line: line.line)
                break
            }
        }
    }
}
