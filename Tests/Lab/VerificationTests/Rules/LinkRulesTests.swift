import Testing
import Workload

@testable import Verification

@Suite("The rules about links") struct LinkRulesTests {
    private func violated(
        _ evidence: Evidence, _ answers: (inout ClickAnswers) -> Void = { _ in }
    ) -> [Int: [Violation]] {
        var result: [Int: [Violation]] = [:]
        for verdict in LinkRules.check(evidence.withAnswers(answers)) where !verdict.findings.violations.isEmpty {
            result[verdict.rule.number] = verdict.findings.violations
        }
        return result
    }

    private func verdict(of rule: Int, _ evidence: Evidence) -> RuleResult? {
        LinkRules.check(evidence.withAnswers()).first { $0.rule.number == rule }
    }

    @Test func goodEvidenceViolatesNoRule() {
        let evidence = SyntheticEvidence.good()
        #expect(violated(evidence).isEmpty)
        #expect(Set(evidence.requests.map(\.request.kind)) == Set(RequestKind.allCases))
        for verdict in LinkRules.check(evidence.withAnswers()) {
            #expect(verdict.findings.checked > 0, "rule \(verdict.rule.number) looked at nothing")
            #expect(verdict.findings.notChecked == nil)
        }
        let indexed = IndexedEvidence(evidence)
        #expect(indexed.linkedLineCount == indexed.requestScopedLineCount)
        #expect(indexed.linkedLineCount == evidence.lines.count - 3, "the lines of others are not ours to link")
    }

    @Test func theRulesAreNumberedInOrder() {
        let numbers = LinkRules.all.map(\.number)
        #expect(numbers == Set(numbers).sorted())
        #expect(Set(LinkRules.all.map(\.name)).count == LinkRules.all.count)
    }

    @Test(arguments: Mutations.all)
    func eachMutationViolatesItsRuleAlone(_ mutation: Mutation) {
        var evidence = SyntheticEvidence.few()
        mutation.apply(&evidence)
        let found = violated(evidence, mutation.answers)
        #expect(Set(found.keys) == [mutation.rule], "\(found)")
    }

    @Test func theSmallSampleViolatesNoRule() {
        let evidence = SyntheticEvidence.few()
        #expect(violated(evidence).isEmpty)
        #expect(Set(evidence.requests.map(\.request.kind)) == Set(RequestKind.allCases))
    }

    @Test func everyRuleHasAMutation() {
        #expect(Set(Mutations.all.map(\.rule)) == Set(LinkRules.all.map(\.number)))
    }

    @Test(arguments: Mutations.harmless)
    func harmlessVariationsViolateNoRule(_ mutation: Mutation) {
        var evidence = SyntheticEvidence.few()
        mutation.apply(&evidence)
        let found = violated(evidence, mutation.answers)
        #expect(found.isEmpty, "\(found)")
    }

    @Test func aViolationSaysWhereToLook() throws {
        var evidence = SyntheticEvidence.good()
        evidence.rewriteLine(of: .async, ["span_id": "00000000000000ff"])
        let violation = try #require(violated(evidence)[6]?.first)
        #expect(violation.traceID == evidence.traceID(of: .async))
        #expect(violation.spanID == "00000000000000ff")
        #expect(violation.line?.contains("something done") == true)
        #expect(violation.service != nil)
    }

    @Test func aMissingSubtreeIsReportedOnce() throws {
        var evidence = SyntheticEvidence.good()
        let call = evidence.span { $0.service == "tasks" && $0.kind == .client && $0.name == "POST /v1/executions" }
        evidence.changeSpan(where: { $0.spanID == call.spanID }) { $0.name = "GET /v1/executions" }
        let violations = try #require(violated(evidence)[2])
        #expect(
            violations.map(\.message) == [
                #"there is no tasks CLIENT "POST /v1/executions" under tasks SERVER "POST /v1/tasks""#
            ])
    }

    @Test(arguments: [1, 4])
    func countsAreNotComparedAmidOtherTraffic(_ more: Int) throws {
        var evidence = SyntheticEvidence.good()
        evidence.counts["payments"]?.requestsServed += more
        evidence.counts["payments"]?.spansExported! += more
        let verdict = try #require(self.verdict(of: 12, evidence))
        #expect(verdict.findings.violations.isEmpty)
        #expect(verdict.findings.notChecked?.hasPrefix("other traffic: payments answered") == true)
    }

    @Test func missingCountsAreNotCompared() throws {
        var evidence = SyntheticEvidence.good()
        evidence.counts["executor"]?.spansExported = nil
        #expect(verdict(of: 12, evidence)?.findings.notChecked?.contains("executor does not say") == true)
        evidence.counts["executor"]?.requestsServed = -3
        #expect(verdict(of: 12, evidence)?.findings.notChecked == "executor was restarted meanwhile")
        evidence.counts = [:]
        #expect(verdict(of: 12, evidence)?.findings.notChecked == "the services' metrics were not read")
    }

    @Test(arguments: LinkRules.ofProvisioning.sorted())
    func missingLinksAreNotChecked(_ rule: Int) {
        var evidence = SyntheticEvidence.good()
        evidence.provisioned = .unknown("there is no folder")
        #expect(verdict(of: rule, evidence)?.findings.notChecked == "there is no folder")
        evidence.provisioned = .known(ProvisionedLinks([], from: "here"))
        #expect(verdict(of: rule, evidence)?.findings.notChecked?.isEmpty == false)
        #expect(verdict(of: rule, evidence)?.findings.checked == 0)
    }

    @Test func browserOnlyExpressionsAreNotJudged() {
        var evidence = SyntheticEvidence.good()
        evidence.searchLines(#"(?<="trace_id":")([0-9a-f]{32})"#)
        let findings = verdict(of: 13, evidence)?.findings
        #expect(findings?.violations.isEmpty == true)
        #expect(findings?.notChecked?.hasPrefix("derived field Label of Loki is for browsers only") == true)
        #expect(
            verdict(of: 23, evidence)?.findings.violations.map(\.message) == [
                "derived field Label of Loki has (?<= in its pattern, which JavaScript alone knows"
            ])
    }

    @Test func callersWithoutLinesAreMentionedAndNotBlamed() throws {
        var evidence = SyntheticEvidence.few()
        evidence.roots = [:]
        for request in evidence.requests {
            var root = try #require(evidence.traces[request.traceID]?.spans.first)
            (root.spanID, root.parentSpanID, root.service) = (request.request.parentSpanID, nil, "verify")
            root.resource = [.init("service.name", "verify")]
            evidence.roots?[request.traceID] = root
        }
        let notes = verdict(of: 15, evidence)?.findings.notes
        #expect(notes?.count == 1)
        #expect(notes?.first?.hasPrefix("Tempo leads from the spans of verify to no lines") == true)
        #expect(violated(evidence).isEmpty)
        // A query for the whole trace finds its lines from there, too.
        evidence.changeTracesToLogs {
            $0.customQuery = #"{service_namespace="tailspan"} | trace_id="${__trace.traceId}""#
        }
        #expect(violated(evidence).isEmpty)
        #expect(verdict(of: 15, evidence)?.findings.notes == [])
    }

    @Test func anUnreachableMetricsStoreIsMentioned() {
        let results = LinkRules.check(
            SyntheticEvidence.few().withAnswers { $0.reach["prometheus"] = .silent("connection refused") })
        let findings = results.first { $0.rule.number == 21 }?.findings
        #expect(findings?.violations.isEmpty == true)
        #expect(
            findings?.notes == ["Prometheus does not answer, so that what needs it stays empty: connection refused"])
    }

    @Test func addressesOfAnotherNetworkAreNotJudged() {
        let results = LinkRules.check(
            SyntheticEvidence.few().withAnswers { clicks in
                for uid in clicks.reach.keys { clicks.reach[uid] = .notAsked("it is elsewhere") }
                clicks.traces = []
            })
        for number in [21, 22] {
            let findings = results.first { $0.rule.number == number }?.findings
            #expect(findings?.violations.isEmpty == true)
            #expect(findings?.notChecked != nil)
        }
    }

    @Test func aViolationSaysWhatGrafanaWouldDo() throws {
        var evidence = SyntheticEvidence.good()
        evidence.changeTracesToLogs { $0.customQuery = #"{pod="${__span.tags.pod}"} | trace_id="${__trace.traceId}""# }
        let violation = try #require(verdict(of: 15, evidence)?.findings.violations.first)
        #expect(
            violation.message == "Tempo: ${__span.tags.pod} has no value for this span, so Grafana shows no link")
        #expect(violation.traceID == evidence.requests[0].traceID)
    }
}
