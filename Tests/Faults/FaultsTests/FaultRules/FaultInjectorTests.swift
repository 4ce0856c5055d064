import Encoding
import ServiceTesting
import Testing
import TraceContext
import Vocabulary

@testable import FaultControl
@testable import FaultKinds
@testable import FaultRules

@Suite("The fault injector")
struct FaultInjectorTests {
    private func trace(_ index: Int) -> TraceID { TraceID(high: 9, low: UInt64(index + 1)) }

    @Test("An injector is active only while it has rules")
    func anInjectorIsActiveOnlyWhileItHasRules() throws {
        let fixture = InjectorFixture()
        #expect(!fixture.injector.isActive)
        try fixture.set("payments:error")
        #expect(fixture.injector.isActive && fixture.faults()?.hits.map(\.rule.id) == ["payments-error"])
        #expect(fixture.injector.remove(id: "payments-error") && !fixture.injector.remove(id: "payments-error"))
        #expect(!fixture.injector.isActive && fixture.faults() == nil)
        #expect(InjectorFixture(acceptsFromRequests: true).injector.isActive)
    }

    @Test("Rules for other services, operations or matches, or for a whole service, hit no request")
    func rulesForOthersHitNoRequest() throws {
        let fixture = InjectorFixture()
        for rule in [
            "tasks:error", "payments.settle:error", "payments:error,match=guild_id:g-7", "payments:unready",
            "*:db-slow=1s,match=mode:async", "*:refuse",
        ] {
            try fixture.set(rule)
            #expect(fixture.faults(values: ["guild_id": "g-8"]) == nil, "\(rule)")
        }
        try fixture.set("payments:error,match=guild_id:g-7;*:db-slow=1s,match=mode:a*")
        #expect(fixture.faults(values: ["guild_id": "g-7"])?.hits.map(\.kind) == [.error])
        // What the request does not say itself, the gateway may have passed on.
        let baggage = ["tailspan.guild_id": "g-7", "tailspan.mode": "async"]
        #expect(fixture.faults(baggage: baggage)?.hits.map(\.kind) == [.error, .dbSlow])
        #expect(fixture.faults(baggage: baggage, values: ["guild_id": "g-8"])?.hits.map(\.kind) == [.dbSlow])
        try fixture.set("payments:error,match=baggage.user:a*")
        #expect(fixture.faults(baggage: ["user": "anna"]) != nil && fixture.faults(baggage: ["user": "bob"]) == nil)
    }

    @Test("A rule is in force from its beginning to its end, counted from when it was set")
    func aRuleIsInForceFromItsBeginningToItsEnd() throws {
        let fixture = InjectorFixture()
        fixture.advance(by: .seconds(100))
        try fixture.set("payments:error,from=10s,for=30s")
        for (seconds, isHit) in [(0, false), (9, false), (10, true), (39, true), (40, false), (1000, false)] {
            let fixture = InjectorFixture()
            try fixture.set("payments:error,from=10s,for=30s")
            fixture.advance(by: .seconds(seconds))
            #expect((fixture.faults() != nil) == isHit, "after \(seconds) s")
            #expect(fixture.injector.state.rules.map(\.isInForce) == [isHit])
            #expect(fixture.metric("tailspan_faults_active ") == ["tailspan_faults_active \(isHit ? 1 : 0)"])
        }
        // Set anew with others, an unchanged rule goes on as it was; a changed one begins.
        fixture.advance(by: .seconds(15))
        try fixture.set("payments:error,from=10s,for=30s;payments:abort,from=1s")
        #expect(fixture.faults()?.hits.map(\.kind) == [.error])
        try fixture.set("payments:error,from=10s,for=31s")
        #expect(fixture.faults() == nil)
    }

    @Test("A rule hits the same requests in any order, and next to any other rules")
    func theSameRequestsAreHitInAnyOrder() throws {
        let fixture = InjectorFixture(seed: 3)
        try fixture.set("payments:latency=uniform(1ms,1s),rate=30%")
        func hits(_ order: [Int]) -> [Int: Duration] {
            var result: [Int: Duration] = [:]
            for index in order { result[index] = fixture.faults(trace(index))?.hit(.latency)?.delay }
            return result
        }
        let first = hits(Array(0..<500))
        #expect((100...200).contains(first.count))
        #expect(hits((0..<500).reversed()) == first)
        try fixture.set("payments:error,rate=50%;payments:latency=uniform(1ms,1s),rate=30%;payments:abort,rate=1%")
        #expect(hits(Array(0..<500)) == first)
        try fixture.set("payments:latency=uniform(1ms,1s),rate=30%", seed: 4)
        #expect(hits(Array(0..<500)) != first && fixture.injector.seed == 4)
        try fixture.set("payments:latency=uniform(1ms,1s),rate=30%,seed=3")
        #expect(hits(Array(0..<500)) == first)
    }

    @Test("A request without a trace is decided by its id")
    func aRequestWithoutATraceIsDecidedByItsID() throws {
        let fixture = InjectorFixture()
        // docs/faults.md: number 0 of this is 0.18.
        try fixture.set("payments:error,rate=18.1%")
        #expect(fixture.faults(nil) != nil)
        try fixture.set("payments:error,rate=18%")
        #expect(fixture.faults(nil) == nil)
    }

    @Test("Rules in a request apply only where requests may carry rules")
    func rulesInARequestApplyOnlyWhereAllowed() throws {
        let rules = ["tailspan.fault": "payments:error=500,id=mine;tasks:error"]
        #expect(InjectorFixture().faults(baggage: rules) == nil)
        let fixture = InjectorFixture(acceptsFromRequests: true)
        #expect(fixture.faults(baggage: rules)?.hits.map(\.rule.id) == ["mine"])
        #expect(fixture.faults(baggage: ["tailspan.fault": "payments:eror"]) == nil)
        #expect(fixture.logs.entries.map(\.message) == ["fault rules of a request ignored"])
        // The time in a scenario replaces the clock, the replayed trace the own one.
        try fixture.set("payments:error,from=10s,for=5s")
        #expect(fixture.faults(baggage: ["tailspan.at": "12000"]) != nil)
        #expect(fixture.faults(baggage: ["tailspan.at": "15000"]) == nil)
        try fixture.set("payments:latency=uniform(1ms,1s)")
        let replayed = fixture.faults(trace(1), baggage: ["tailspan.replay": trace(2).description])
        #expect(replayed?.hit(.latency)?.delay == fixture.faults(trace(2))?.hit(.latency)?.delay)
        #expect(replayed?.request.traceID == trace(1) && replayed?.request.replayOf == trace(2))
    }

    @Test("A request may carry only rules of request scope")
    func aRequestCarriesOnlyRulesOfRequestScope() {
        #expect(
            throws: FaultRuleError(
                "fault 'payments:unready': 'unready' happens to the whole service: a request cannot bring it")
        ) { try FaultInjector.rules(brought: "payments:error;payments:unready") }
    }

    @Test("An injection is recorded once in the ledger, the metric, the marks and the count")
    func anInjectionIsRecordedOnceEverywhere() throws {
        let fixture = InjectorFixture()
        try fixture.set("payments:error=500,id=x;payments:latency=20ms")
        let faults = try #require(fixture.faults())
        #expect(faults.marks == nil && fixture.injector.ledger.count == 0)
        let hit = try #require(faults.hit(.error))
        faults.inject(hit)
        faults.inject(hit)
        #expect(faults.marks?.ids == "x" && faults.marks?.kinds == "error")
        faults.inject(try #require(faults.hit(.latency)))
        #expect(faults.marks?.ids == "x,payments-latency" && faults.marks?.kinds == "error,latency")
        let entries = fixture.injector.ledger.entries()
        #expect(entries.map(\.rule) == ["x", "payments-latency"] && entries.map(\.value) == ["500", "20ms"])
        #expect(entries.allSatisfy { $0.traceID == TraceID(high: 1, low: 2).description && $0.operation == "reserve" })
        #expect(
            fixture.metric("tailspan_faults_injected_total{").sorted() == [
                #"tailspan_faults_injected_total{tailspan_fault_id="payments-latency",tailspan_fault_kind="latency"} 1"#,
                #"tailspan_faults_injected_total{tailspan_fault_id="x",tailspan_fault_kind="error"} 1"#,
            ])
        #expect(fixture.injector.state.rules.map(\.injected) == [1, 1])
        // What is set anew counts anew; the metric never goes back.
        try fixture.set("payments:error=501,id=x")
        #expect(fixture.injector.state.rules.map(\.injected) == [0])
        #expect(fixture.metric("tailspan_faults_injected_total{tailspan_fault_id=\"x\"").first?.hasSuffix(" 1") == true)
    }

    @Test("Rules that requests carry share one label, however many there are")
    func rulesOfRequestsShareOneLabel() throws {
        let fixture = InjectorFixture(acceptsFromRequests: true)
        for index in 0..<20 {
            let faults = fixture.faults(baggage: ["tailspan.fault": "payments:error,id=r\(index)"])
            faults?.inject(try #require(faults?.hits.first))
        }
        #expect(
            fixture.metric("tailspan_faults_injected_total{") == [
                #"tailspan_faults_injected_total{tailspan_fault_id="(request)",tailspan_fault_kind="error"} 20"#
            ])
        #expect(Set(fixture.injector.ledger.entries().map(\.rule)).count == 20)
    }

    @Test("Hidden faults show only in the ledger and the control API")
    func hiddenFaultsShowOnlyInTheLedgerAndTheControlAPI() throws {
        let fixture = InjectorFixture(isHidden: true)
        try fixture.set("payments:error")
        let faults = try #require(fixture.faults())
        faults.inject(try #require(faults.hits.first))
        #expect(faults.marks == nil && fixture.logs.entries.isEmpty)
        #expect(fixture.metric("tailspan_faults").isEmpty)
        #expect(fixture.injector.ledger.count == 1)
        #expect(fixture.injector.state.rules.map(\.injected) == [1])
    }

    @Test("Faults can be hidden and shown again while the service runs")
    func faultsCanBeHiddenWhileTheServiceRuns() throws {
        let fixture = InjectorFixture()
        fixture.injector.hide(true)
        try fixture.set("payments:error")
        let hidden = try #require(fixture.faults(TraceID(high: 1, low: 3)))
        hidden.inject(try #require(hidden.hits.first))
        #expect(fixture.injector.isHidden && fixture.injector.state.isHidden)
        #expect(hidden.marks == nil && fixture.logs.entries.isEmpty)
        #expect(fixture.metric("tailspan_faults_injected").isEmpty)
        #expect(fixture.metric("tailspan_faults_active").allSatisfy { $0.hasSuffix(" 0") })
        fixture.injector.hide(false)
        let shown = try #require(fixture.faults())
        shown.inject(try #require(shown.hits.first))
        #expect(shown.marks?.ids == "payments-error")
        // What happened meanwhile is known to the ledger and the control API alone.
        #expect(fixture.metric("tailspan_faults_injected").map { $0.suffix(2) } == [" 1"])
        #expect(fixture.metric("tailspan_faults_active").map { $0.suffix(2) } == [" 1"])
        #expect(fixture.injector.ledger.count == 2 && fixture.injector.state.rules.map(\.injected) == [2])
    }

    @Test("A service that was started with hidden faults has its metrics once they are shown")
    func hiddenFaultsHaveMetricsOnceTheyAreShown() throws {
        let fixture = InjectorFixture(isHidden: true)
        try fixture.set("payments:error")
        #expect(fixture.metric("tailspan_faults").isEmpty)
        fixture.injector.hide(false)
        fixture.injector.hide(true)
        fixture.injector.hide(false)
        #expect(fixture.metric("tailspan_faults_active").map { $0.suffix(2) } == [" 1"])
    }

    @Test("A change of rules is logged with all rules, and an unchanged set is not")
    func onlyARealChangeOfRulesIsLogged() throws {
        let fixture = InjectorFixture()
        try fixture.set("payments:error;tasks:abort")
        try fixture.set("payments:error;tasks:abort")
        #expect(fixture.logs.entries.map(\.message) == ["fault rules changed"])
        try fixture.set("payments:error;tasks:abort", seed: 9)
        #expect(fixture.logs.entries.count == 2)
        #expect(throws: FaultRuleError.self) { try fixture.injector.add(FaultRule(parsing: "payments:error=500")) }
        #expect(fixture.logs.entries.count == 2 && fixture.injector.entries.count == 2)
    }

    @Test("A rule for a whole service is recorded once each time it is set")
    func aServiceRuleIsRecordedEachTimeItIsSet() throws {
        let fixture = InjectorFixture()
        #expect(fixture.injector.activate(.unready) == nil)
        try fixture.set("payments:unready,from=5s,for=5s;tasks:disk-full")
        #expect(fixture.injector.activate(.unready) == nil && fixture.injector.activate(.diskFull) == nil)
        fixture.advance(by: .seconds(5))
        for _ in 0..<3 { #expect(fixture.injector.activate(.unready)?.id == "payments-unready") }
        #expect(fixture.injector.ledger.entries().map(\.rule) == ["payments-unready"])
        fixture.advance(by: .seconds(5))
        #expect(fixture.injector.activate(.unready) == nil)
        try fixture.set("")
        try fixture.set("payments:unready")
        #expect(fixture.injector.activate(.unready) != nil && fixture.injector.ledger.count == 2)
    }

    @Test("A rule is sent to the services it concerns, and to the gateway if it has a match")
    func aRuleIsSentToItsServicesAndAMatchingGateway() throws {
        func recipients(_ text: String) throws -> [ServiceRole] { try FaultRule(parsing: text).recipients }
        #expect(try recipients("payments:error") == [.payments])
        #expect(try recipients("payments:error,match=guild_id:g-7") == [.gateway, .payments])
        #expect(try recipients("*:db-error") == [.tasks, .payments])
        #expect(try recipients("*:error") == ServiceRole.allCases)
    }

    @Test func aRuleInARequestReplacesTheOneWithItsID() throws {
        let fixture = InjectorFixture(acceptsFromRequests: true)
        try fixture.set("payments:error=500,id=a;payments:latency=1ms")
        let faults = fixture.faults(baggage: ["tailspan.fault": "payments:error=503,id=a"])
        #expect(faults?.hits.map(\.rule.description) == ["payments:latency=1ms", "payments:error=503,id=a"])
    }

    @Test func aRequestMayReplaceAllRules() throws {
        let fixture = InjectorFixture(acceptsFromRequests: true)
        try fixture.set("payments:latency=1ms")
        let faults = fixture.faults(baggage: ["tailspan.fault": "payments:error", "tailspan.fault-alone": "1"])
        #expect(faults?.hits.map(\.kind) == [.error])
        #expect(fixture.faults(baggage: ["tailspan.fault-alone": "1"]) == nil)
        let deaf = InjectorFixture()
        try deaf.set("payments:latency=1ms")
        #expect(deaf.faults(baggage: ["tailspan.fault-alone": "1"])?.hits.count == 1)
    }

    @Test func theHistoryTellsWhichRulesWereSetWhen() throws {
        let fixture = InjectorFixture(seed: 3)
        try fixture.set("payments:error")
        fixture.advance(by: .seconds(5))
        try fixture.injector.add(FaultRule(parsing: "payments:latency=1ms"))
        // Nothing new.
        try fixture.set("payments:error;payments:latency=1ms")
        try fixture.set("", seed: 4)
        let history = fixture.injector.history
        #expect(history.map(\.seed) == [3, 3, 3, 4])
        let (error, latency) = ("payments:error=503", "payments:latency=1ms")
        #expect(history.map { $0.rules.map(\.rule) } == [[], [error], [error, latency], []])
        let rules = history[2].rules
        #expect((4_900_000_000...5_100_000_000).contains(rules[1].since - rules[0].since))
        var json = JSONWriter()
        history[2].write(to: &json)
        let read = try #require(FaultPlanRecord(JSONValue(parsing: json.bytes)))
        #expect(read.rules.map(\.rule) == rules.map(\.rule) && read.seed == 3)
        for index in 0..<100 { try fixture.set("payments:error=\(500 + index % 2)") }
        #expect(fixture.injector.history.count == 64)
    }
}
