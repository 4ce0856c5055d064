import Vocabulary

package struct CountsAgreeRule: LinkRule {
    package let number = 12
    package let name = "span counts agree"
    package let explanation = """
        The trace store has as many spans of each service as the service says it exported meanwhile. Broken by a store \
        that accepts and drops. Not checked while anybody else uses the services: their spans would count too. A service \
        that the context did not reach has spans in traces that nobody asks for: it may have exported more.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        let counts = evidence.evidence.counts
        guard !counts.isEmpty else { return findings.skip("the services' metrics were not read") }
        if let reason = otherTraffic(evidence.evidence) { return findings.skip(reason) }
        var stored: [String: Int] = [:]
        for trace in evidence.evidence.traces.values {
            var seen: Set<String> = []
            for span in trace.spans where seen.insert(span.spanID.lowercased()).inserted {
                stored[span.service, default: 0] += 1
            }
        }
        let strayed = evidence.strayedServices
        for (service, delta) in counts.sorted(by: { $0.key < $1.key }) {
            guard let exported = delta.spansExported else {
                return findings.skip("\(service) does not say how many spans it exported")
            }
            findings.looked()
            let found = stored[service] ?? 0
            guard found != exported, found > exported || !strayed.contains(service) else { continue }
            findings.violate("exported \(exported) spans, the store has \(found) of them", service: service)
        }
    }

    /// Why the counts cannot be compared; `nil` if they can.
    private func otherTraffic(_ evidence: Evidence) -> String? {
        var expected: [String: Int] = [
            ServiceRole.gateway.rawValue: evidence.requests.count + evidence.polls
        ]
        if evidence.requests.allSatisfy({ $0.outcome == .asPlanned }) {
            for role in ServiceRole.allCases where role != .gateway {
                expected[role.rawValue] = role == .tasks ? evidence.polls : 0
            }
            for request in evidence.requests {
                let servers = ExpectedEdges.serverSpans(of: request.request.kind, request.request.computation)
                for (role, count) in servers where role != .gateway { expected[role.rawValue, default: 0] += count }
            }
        }
        for (service, delta) in evidence.counts.sorted(by: { $0.key < $1.key }) {
            if delta.requestsServed < 0 { return "\(service) was restarted meanwhile" }
            guard let count = expected[service], delta.requestsServed != count else { continue }
            return delta.requestsServed > count
                ? "other traffic: \(service) answered \(delta.requestsServed) requests, \(count) were ours"
                : "\(service) counted only \(delta.requestsServed) of our \(count) requests"
        }
        return nil
    }
}
