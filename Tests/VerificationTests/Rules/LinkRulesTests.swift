import Testing
import Workload

@testable import Verification

@Suite struct LinkRulesTests {
    private func violated(_ evidence: Evidence) -> [Int: [Violation]] {
        var result: [Int: [Violation]] = [:]
        for verdict in LinkRules.check(evidence) where !verdict.findings.violations.isEmpty {
            result[verdict.rule.number] = verdict.findings.violations
        }
        return result
    }

    @Test func findsNothingWrongWithGoodEvidence() {
        let evidence = SyntheticEvidence.good()
        #expect(violated(evidence).isEmpty)
        #expect(Set(evidence.requests.map(\.request.kind)) == Set(RequestKind.allCases))
        for verdict in LinkRules.check(evidence) {
            #expect(verdict.findings.checked > 0, "rule \(verdict.rule.number) looked at nothing")
            #expect(verdict.findings.notChecked == nil)
        }
        let indexed = IndexedEvidence(evidence)
        #expect(indexed.linkedLineCount == indexed.requestScopedLineCount)
        #expect(indexed.linkedLineCount == evidence.lines.count - 3, "the lines of others are not ours to link")
    }

    @Test func numbersRulesInOrderWithoutRepetition() {
        let numbers = LinkRules.all.map(\.number)
        #expect(numbers == Set(numbers).sorted())
        #expect(Set(LinkRules.all.map(\.name)).count == LinkRules.all.count)
    }

    @Test(arguments: Mutations.all)
    func catchesByTheRuleThatIsMeantAndNoOther(_ mutation: Mutation) {
        var evidence = SyntheticEvidence.good()
        mutation.apply(&evidence)
        let found = violated(evidence)
        #expect(Set(found.keys) == [mutation.rule], "\(found)")
    }

    @Test func everyRuleHasAMutation() {
        #expect(Set(Mutations.all.map(\.rule)) == Set(LinkRules.all.map(\.number)))
    }

    @Test(arguments: Mutations.harmless)
    func toleratesWhatIsNoFault(_ mutation: Mutation) {
        var evidence = SyntheticEvidence.good()
        mutation.apply(&evidence)
        #expect(violated(evidence).isEmpty)
    }

    @Test func saysWhereToLook() throws {
        var evidence = SyntheticEvidence.good()
        evidence.rewriteLine(of: .async, ["span_id": "00000000000000ff"])
        let violation = try #require(violated(evidence)[6]?.first)
        #expect(violation.traceID == evidence.traceID(of: .async))
        #expect(violation.spanID == "00000000000000ff")
        #expect(violation.line?.contains("something done") == true)
        #expect(violation.service != nil)
    }

    @Test func reportsAMissingSubtreeOnce() throws {
        var evidence = SyntheticEvidence.good()
        let call = evidence.span { $0.service == "tasks" && $0.kind == .client && $0.name == "POST /v1/executions" }
        evidence.changeSpan(where: { $0.spanID == call.spanID }) { $0.name = "GET /v1/executions" }
        let violations = try #require(violated(evidence)[2])
        #expect(
            violations.map(\.message) == [
                #"there is no tasks CLIENT "POST /v1/executions" under tasks SERVER "POST /v1/tasks""#
            ])
    }

    private func counts(_ evidence: Evidence) -> RuleResult? {
        LinkRules.check(evidence).first { $0.rule.number == 12 }
    }

    @Test(arguments: [1, 4])
    func doesNotCompareCountsAmidOtherTraffic(_ more: Int) throws {
        var evidence = SyntheticEvidence.good()
        evidence.counts["payments"]?.requestsServed += more
        evidence.counts["payments"]?.spansExported! += more
        let verdict = try #require(counts(evidence))
        #expect(verdict.findings.violations.isEmpty)
        #expect(verdict.findings.notChecked?.hasPrefix("other traffic: payments answered") == true)
    }

    @Test func doesNotCompareCountsThatAreNotThere() throws {
        var evidence = SyntheticEvidence.good()
        evidence.counts["executor"]?.spansExported = nil
        #expect(counts(evidence)?.findings.notChecked?.contains("executor does not say") == true)
        evidence.counts["executor"]?.requestsServed = -3
        #expect(counts(evidence)?.findings.notChecked == "executor was restarted meanwhile")
        evidence.counts = [:]
        #expect(counts(evidence)?.findings.notChecked == "the services' metrics were not read")
    }
}
