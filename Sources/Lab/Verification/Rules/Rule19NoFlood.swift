package struct NoFloodRule: LinkRule {
    package let number = 19
    package let name = "no flood of lines"
    package let explanation = """
        A service writes no more lines about a request than its part in it explains: ten, and five for each of its spans. \
        Broken by a line in a loop, or a level that is too low: what runs into the log store's rate limit is lost, and \
        other lines with it.
        """

    /// Allowed for every service, whatever it did.
    static let basis = 10
    static let linesPerSpan = 5

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (request, trace) in evidence.found {
            let lines = Dictionary(grouping: evidence.lines(of: request.traceID)) { $0.service ?? "" }
            for (service, own) in lines.sorted(by: { $0.key < $1.key }) {
                findings.looked()
                let spans = trace.spans.count { $0.service == service }
                let most = Self.basis + Self.linesPerSpan * spans
                guard own.count > most else { continue }
                findings.violate(
                    "\(own.count) lines with \(spans) spans: at most \(most) can be explained", service: service,
                    traceID: request.traceID, line: own.last?.line)
            }
        }
    }
}
