import Workload

/// The verdict of a verification.
package enum Verdict: String, Sendable {
    /// All expected telemetry has arrived, and every rule holds.
    case passed
    /// At least one rule is violated.
    case violated
    /// Telemetry was still arriving when the deadline passed, so no rule's result is final.
    case incomplete
}

/// The results of a verification.
package struct VerificationReport: Sendable {
    package var seed: UInt64
    /// Nanoseconds since the Unix epoch.
    package var startedAt: UInt64
    package var duration: Duration
    /// How many requests of each kind were sent.
    package var requests: [(kind: RequestKind, count: Int)]
    package var spanCount: Int
    /// Lines that belong to the requests.
    package var lineCount: Int
    /// Those of them that lead to a span.
    package var linkedCount: Int
    /// Requests that ended differently than planned, and how.
    package var surprises: [(requestID: String, what: String)]
    package var results: [RuleResult]
    /// The request whose answer took longest.
    package var slowest: NotableRequest?
    /// The first request in the plan whose trace violates a rule, or that ended differently than planned.
    package var firstFailure: NotableRequest?
    /// The outcome of the requests' own spans; `nil` if none were to be sent.
    package var spans: RootSpanCounts?
    /// How many requests still had no complete trace at the end.
    package var openCount: Int
    /// Whether telemetry was still arriving when the deadline passed.
    package var isCutShort: Bool

    init(
        _ collection: EvidenceCollector.Collection, _ configuration: VerificationConfiguration, startedAt: UInt64,
        duration: Duration
    ) {
        self.init(
            seed: configuration.seed, startedAt: startedAt, duration: duration, evidence: collection.indexed,
            results: collection.results, openCount: collection.openCount, isCutShort: collection.isCutShort)
    }

    package init(
        seed: UInt64, startedAt: UInt64, duration: Duration, evidence: IndexedEvidence, results: [RuleResult],
        openCount: Int = 0, isCutShort: Bool = false
    ) {
        self.seed = seed
        self.startedAt = startedAt
        self.duration = duration
        let sent = evidence.evidence.requests
        requests = RequestKind.allCases.map { kind in (kind, sent.count { $0.request.kind == kind }) }
        spanCount = evidence.spanCount
        lineCount = evidence.requestScopedLineCount
        linkedCount = evidence.linkedLineCount
        surprises = sent.compactMap { request in request.outcome.complaint.map { (request.request.requestID, $0) } }
        slowest = sent.max { $0.duration < $1.duration }.map { $0.notable(as: nil) }
        let violated = results.flatMap { result in result.findings.violations.map { (result.rule.number, $0.traceID) } }
        firstFailure =
            sent.lazy.compactMap { request -> NotableRequest? in
                let rule = violated.first { $0.1 == request.traceID }?.0
                guard rule != nil || request.outcome.complaint != nil else { return nil }
                return request.notable(as: rule.map { "rule \($0)" })
            }.first
        self.results = results
        self.openCount = openCount
        self.isCutShort = isCutShort
    }

    package var requestCount: Int { requests.reduce(0) { $0 + $1.count } }
    package var violationCount: Int { results.reduce(0) { $0 + $1.findings.violations.count } }
    package var isPassed: Bool { verdict == .passed }

    package var verdict: Verdict {
        if isCutShort { return .incomplete }
        return violationCount == 0 ? .passed : .violated
    }

    /// The percentage of lines that lead to a span, rounded down: 100.0 means all of them. `nil` without a line.
    package var linkedPercent: Double? {
        lineCount == 0 ? nil : Double(linkedCount * 1000 / lineCount) / 10
    }

    /// `200 requests, 3120 spans, 2100 lines: 100.0 % linked, 0 violations`; for an incomplete run, how much had
    /// arrived.
    package var summary: String {
        guard verdict != .incomplete else {
            let open = openCount == 0 ? "" : ", \(openCount) of them without a whole trace"
            return "incomplete: spans or lines were still arriving when the deadline passed (so far "
                + "\(Self.count(requestCount, "request"))\(open), \(Self.count(spanCount, "span")), "
                + "\(Self.count(lineCount, "line")), \(Self.count(violationCount, "violation")))"
        }
        let linked = linkedPercent.map { "\($0) % linked" } ?? "none linked"
        return "\(Self.count(requestCount, "request")), \(Self.count(spanCount, "span")), "
            + "\(Self.count(lineCount, "line")): \(linked), \(Self.count(violationCount, "violation"))"
    }

    package static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension SentRequest {
    /// - Parameter what: the outcome to report; its status if `nil`.
    fileprivate func notable(as what: String?) -> NotableRequest {
        NotableRequest(
            index: request.planned.index, traceID: traceID, duration: duration,
            outcome: what ?? status.map { "\($0)" } ?? "no answer")
    }
}
