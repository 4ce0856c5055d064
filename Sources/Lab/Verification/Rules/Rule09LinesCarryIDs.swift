import Vocabulary

package struct LinesCarryIDsRule: LinkRule {
    package let number = 9
    package let name = "request lines carry ids"
    package let explanation = """
        A line about a request or a task has a trace id and a span id, those of its own request, and the store finds \
        the line by that trace id without parsing it. Broken by a task that is started without its context, a logger \
        that is used outside the request, or a shipper that does not turn trace_id into structured metadata.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (line, standing) in zip(evidence.evidence.lines, evidence.standings) where standing != .notRequestScoped {
            findings.looked()
            func violate(_ message: String) {
                findings.violate(
                    message, service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
            }
            switch standing {
            case .withoutIDs:
                let missing = [(LogField.traceID, line.traceID), (LogField.spanID, line.spanID)]
                    .filter { $0.1 == nil }.map(\.0)
                violate("a line about a request has no \(missing.joined(separator: " and no "))")
            case .misattributed:
                let sent = line.requestID.flatMap { evidence.request(id: $0) }
                violate(
                    "request \(line.requestID ?? "") was sent in trace \(sent?.traceID ?? ""), its line is in another")
            case .malformedIDs, .strayed: continue
            default:
                guard let traceID = line.traceID, line.labels[LogField.traceID] != traceID else { continue }
                let other = line.labels[LogField.traceID].map { "has \($0)" } ?? "has none"
                violate("the store cannot find the line by its trace id: the structured metadata \(other)")
            }
        }
    }
}
