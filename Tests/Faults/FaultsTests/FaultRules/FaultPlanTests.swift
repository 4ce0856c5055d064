import Testing

@testable import FaultKinds
@testable import FaultRules

@Suite("The fault plan")
struct FaultPlanTests {
    private let start = ContinuousClock.now

    @Test("A replaced plan keeps the time of unchanged rules")
    func aReplacedPlanKeepsTheTimeOfUnchangedRules() throws {
        var plan = FaultPlan()
        try plan.replace(FaultRule.list(parsing: "payments:error;tasks:error"), at: start)
        try plan.replace(FaultRule.list(parsing: "tasks:error;payments:error=500"), at: start + .seconds(5))
        #expect(plan.rules.map(\.description) == ["tasks:error=503", "payments:error=500"])
        #expect(plan.entries.map { start.duration(to: $0.since) } == [.zero, .seconds(5)])
    }

    @Test("A refused change leaves the plan as it was")
    func aRefusedChangeLeavesThePlanAsItWas() throws {
        var plan = FaultPlan()
        try plan.add(FaultRule.list(parsing: "payments:error"), at: start)
        let twice = "payments:abort;payments:error=500"
        #expect(throws: FaultRuleError.self) {
            try plan.add([FaultRule(parsing: "payments:abort"), plan.rules[0]], at: start)
        }
        #expect(throws: FaultRuleError.self) {
            try plan.replace(FaultRule.list(parsing: twice) + plan.rules, at: start)
        }
        let many = (0..<FaultPlan.largest).map { "payments:error,id=r\($0)" }.joined(separator: ";")
        #expect(throws: FaultRuleError("101 fault rules: expected at most 100")) {
            try plan.add(FaultRule.list(parsing: many), at: start)
        }
        #expect(plan.rules.map(\.id) == ["payments-error"])
    }

    @Test("A rule is removed by its id")
    func aRuleIsRemovedByItsID() throws {
        var plan = FaultPlan()
        try plan.add(FaultRule.list(parsing: "payments:error;tasks:error"), at: start)
        #expect(!plan.remove(id: "gateway-error") && plan.remove(id: "payments-error"))
        #expect(plan.rules.map(\.id) == ["tasks-error"])
    }
}
