import Vocabulary

package struct SpanLogsRule: LinkRule {
    package let number = 15
    package let name = "spans lead to their lines"
    package let explanation = """
        The query that Grafana makes of a span (tracesToLogsV2), its variables filled in and its time shifted, finds \
        exactly the lines of that trace, or of that service in it, if the query names the service. Broken by a label of \
        another name, by shifts that leave lines out, and by a variable without a value: then Grafana shows no link. One \
        span a trace and service is tried, 100 for each trace store at most, and a few of the spans that the requests \
        were sent from.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        guard !links.tracesToLogs.isEmpty else {
            return findings.skip("\(links.origin) has no trace store with tracesToLogsV2")
        }
        for answer in links.answers {
            findings.looked()
            func violate(_ message: String, line: LogRecord? = nil) {
                findings.violate(
                    "\(answer.source): \(message)", service: answer.service, traceID: answer.traceID,
                    spanID: answer.spanID, line: line?.line)
            }
            switch answer.outcome {
            case .noLink(let reason): violate(reason)
            case .lines(let query, let lines) where answer.isCaller && query.scope != .trace && lines.isEmpty:
                findings.note(
                    "\(answer.source) leads from the spans of \(answer.service) to no lines, as from all callers' "
                        + "(load, verify, demo, incident): they write none, and its query asks for their own")
            case .refused(let query, let reason): violate("\(query.expression) is refused: \(reason)")
            case .lines(let query, let lines): compare(evidence, answer, query, lines, violate)
            }
        }
    }

    private func compare(
        _ evidence: IndexedEvidence, _ answer: SpanLogsAnswer, _ query: SpanLogsQuery, _ lines: [LogRecord],
        _ violate: (String, LogRecord?) -> Void
    ) {
        func isMeant(_ line: LogRecord) -> Bool {
            guard line.traceID == answer.traceID else { return false }
            return switch query.scope {
            case .trace: true
            case .service: line.service == answer.service
            case .span: line.spanID == answer.spanID
            }
        }
        // Another rule reports lines that the store cannot find by trace id.
        let expected = evidence.lines(of: answer.traceID).filter {
            isMeant($0) && $0.labels[LogField.traceID] == answer.traceID
        }
        let found = Set(lines.map { Key($0) })
        let missing = expected.filter { !found.contains(Key($0)) }
        if let first = missing.first {
            let range = query.range.contains(first.timestampNS) ? "" : ", being outside the time it asks for"
            violate("\(query.expression) does not find \(missing.count) of \(expected.count) lines\(range)", first)
        }
        let others = lines.filter { !isMeant($0) }
        if let first = others.first {
            violate("\(query.expression) finds \(others.count) of \(lines.count) lines that belong elsewhere", first)
        }
    }

    private struct Key: Hashable {
        var time: UInt64
        var line: String

        init(_ record: LogRecord) {
            time = record.timestampNS
            line = record.line
        }
    }
}
