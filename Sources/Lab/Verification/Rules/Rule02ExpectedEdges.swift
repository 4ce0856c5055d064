import Vocabulary
import Workload

package struct ExpectedEdgesRule: LinkRule {
    package let number = 2
    package let name = "every expected edge"
    package let explanation = """
        Each request leaves the spans that its kind must leave, each under the span that it must be under. Broken by a \
        call that does not pass the context on, an operation without a span, or a request that did not end as planned. \
        A span that lines know of, though it is not there, is another rule's concern.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for (request, _) in evidence.found {
            if let complaint = request.outcome.complaint {
                // The spans of a request that took an unplanned path are unknown.
                guard !evidence.evidence.toleratesFailures else { continue }
                findings.looked()
                findings.violate(
                    "request \(request.request.requestID) (\(request.request.kind.rawValue)): \(complaint)",
                    service: "gateway", traceID: request.traceID)
                continue
            }
            guard let match = evidence.edges(of: request) else { continue }
            findings.looked(at: match.expectedCount)
            for (gap, cause) in zip(match.gaps, evidence.causes(of: request)) where cause == .unknown {
                findings.violate(
                    gap.message, service: gap.span.service.rawValue, traceID: request.traceID, spanID: gap.parentID)
            }
        }
    }
}

/// Matches the expected spans with a trace.
package struct EdgeMatch: Sendable {
    package struct Gap: Sendable {
        var span: ExpectedSpan
        var found: Int
        var parent: ExpectedSpan?
        var parentID: String?

        var message: String {
            let what = span.count == 1 ? "there is no \(span.title)" : "\(found) of \(span.count) \(span.title)"
            return what + (parent.map { " under \($0.title)" } ?? "")
        }
    }

    let expectedCount: Int
    /// The topmost missing spans; their descendants are missing with them.
    let gaps: [Gap]

    /// The services that the missing spans belong to.
    var services: Set<String> { Set(gaps.flatMap(\.span.all).map(\.service.rawValue)) }

    /// Whether `span` matches an expected descendant of a gap.
    func isBelowGap(_ span: SpanRecord) -> Bool {
        gaps.contains { $0.span.all.dropFirst().contains { $0.matches(span) } }
    }

    init(_ root: ExpectedSpan, in trace: TraceData) {
        expectedCount = root.all.reduce(0) { $0 + $1.count }
        let children = Dictionary(grouping: trace.spans) { $0.parentSpanID?.lowercased() ?? "" }
        gaps = Self.gaps(root, among: trace.spans, nil, nil, children)
    }

    /// If several spans match, as after retries, the one with the fewest gaps below it counts.
    private static func gaps(
        _ expected: ExpectedSpan, among candidates: [SpanRecord], _ parent: ExpectedSpan?, _ parentID: String?,
        _ children: [String: [SpanRecord]]
    ) -> [Gap] {
        var seen: Set<String> = []
        let fitting = candidates.filter { expected.matches($0) && seen.insert($0.spanID.lowercased()).inserted }
        guard fitting.count >= expected.count else {
            return [Gap(span: expected, found: fitting.count, parent: parent, parentID: parentID)]
        }
        guard !expected.children.isEmpty else { return [] }
        let below = fitting.map { span in
            let own = children[span.spanID.lowercased()] ?? []
            return expected.children.flatMap { gaps($0, among: own, expected, span.spanID, children) }
        }
        return below.sorted { $0.count < $1.count }.prefix(expected.count).flatMap { $0 }
    }
}
