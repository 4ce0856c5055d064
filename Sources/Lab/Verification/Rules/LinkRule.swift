/// A condition that requests, their traces and their lines must meet. A pure function of the evidence.
///
/// To add one, write it in a file of its own and add it to ``LinkRules/all``.
package protocol LinkRule: Sendable {
    /// Identifies the rule in reports; never reused.
    var number: Int { get }
    /// A few words.
    var name: String { get }
    /// What it checks, why it matters, and what usually violates it.
    var explanation: String { get }
    func check(_ evidence: IndexedEvidence, _ findings: inout Findings)
}

/// What one rule found.
package struct Findings: Sendable, Equatable {
    /// How many items were checked.
    package private(set) var checked = 0
    package private(set) var violations: [Violation] = []
    /// Why the rule could not be applied; `nil` if it was.
    package private(set) var notChecked: String?
    /// Worth knowing, but not violations.
    package private(set) var notes: [String] = []

    package init() {}

    package mutating func looked(at count: Int = 1) { checked += count }

    package mutating func violate(
        _ message: String, service: String? = nil, traceID: String? = nil, spanID: String? = nil, line: String? = nil
    ) {
        violations.append(
            Violation(message: message, service: service, traceID: traceID, spanID: spanID, line: line))
    }

    package mutating func skip(_ reason: String) { notChecked = reason }

    package mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }
}

/// One violation of a rule, and where to look.
package struct Violation: Sendable, Equatable {
    package var message: String
    package var service: String?
    package var traceID: String?
    package var spanID: String?
    /// The offending line, as stored.
    package var line: String?

    package init(
        message: String, service: String? = nil, traceID: String? = nil, spanID: String? = nil, line: String? = nil
    ) {
        self.message = message
        self.service = service
        self.traceID = traceID
        self.spanID = spanID
        self.line = line
    }
}

/// A rule's verdict.
package struct RuleResult: Sendable {
    package var rule: any LinkRule
    package var findings: Findings

    package init(rule: any LinkRule, findings: Findings) {
        self.rule = rule
        self.findings = findings
    }
}

/// The rules that link logs and traces.
package enum LinkRules {
    package static let all: [any LinkRule] = [
        TraceFoundRule(), ExpectedEdgesRule(), RootedRule(), ContainedRule(), EveryServiceLoggedRule(),
        LineHasSpanRule(), LineInSpanTimeRule(), ErrorsAgreeRule(), LinesCarryIDsRule(), WellFormedIDsRule(),
        NothingTwiceRule(), CountsAgreeRule(), DerivedFieldsRule(), LinkTargetsRule(), SpanLogsRule(),
        LinesWholeRule(), SampledAsSentRule(), KnownLevelsRule(), NoFloodRule(),
        TraceWindowRule(), SourcesAnswerRule(), TraceViewRule(), SharedDialectRule(), NumberLinksRule(),
        OneLinkRule(), AlertTextsRule(), DashboardLinksRule(),
    ]

    /// The rules about Grafana's provisioning: waiting does not fix their violations.
    package static let ofProvisioning = Set([13, 14, 15] + (20...27))

    package static func check(_ evidence: Evidence, by rules: [any LinkRule] = all) -> [RuleResult] {
        check(IndexedEvidence(evidence), by: rules)
    }

    package static func check(_ evidence: IndexedEvidence, by rules: [any LinkRule] = all) -> [RuleResult] {
        rules.map { rule in
            var findings = Findings()
            rule.check(evidence, &findings)
            return RuleResult(rule: rule, findings: findings)
        }
    }
}
