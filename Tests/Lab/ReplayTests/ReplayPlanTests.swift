import Encoding
import FaultKinds
import FaultRules
import HTTP
import ServiceKit
import Testing
import TraceContext
import Vocabulary

@testable import Replay

@Suite("The plan of a replay")
struct ReplayPlanTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    /// When the request came.
    private static let time: UInt64 = 1_795_192_321_000_000_000
    private static let minute: UInt64 = 60_000_000_000

    private static func record(
        method: String = "POST", baggage: String? = nil, body: [UInt8]? = Array("{}".utf8), size: Int = 2,
        redacted: [String] = [], status: Int = 201, isWritten: Bool = true
    ) -> JournalRecord {
        JournalRecord(
            traceID: trace, traceFlags: "03", requestID: "req-1", time: time, method: method, path: "/v1/tasks",
            query: "mode=async", contentType: "application/json", baggage: baggage, body: body, bodySize: size,
            redacted: redacted, status: status, isWritten: isWritten, duration: .milliseconds(80), seed: 7, rules: [],
            injections: [])
    }

    /// A plan where every service has had `then` since a minute before the request, and `now` since a minute after.
    private func plan(
        _ record: JournalRecord = record(), then: String = "", now: String? = nil, seeds: (UInt64, UInt64) = (7, 7),
        roles: [ServiceRole] = ServiceRole.allCases
    ) throws -> ReplayPlan {
        let services = ServiceRole.allCases.map { role in
            var history = [FaultPlanRecord(time: 0, seed: seeds.0)]
            func add(_ text: String, _ time: UInt64, _ seed: UInt64) {
                let rules = text.split(separator: ";").map { FaultPlanRecord.Rule(rule: String($0), since: time) }
                history.append(FaultPlanRecord(time: time, seed: seed, rules: rules))
            }
            if roles.contains(role) {
                add(then, Self.time - Self.minute, seeds.0)
                if let now { add(now, Self.time + Self.minute, seeds.1) }
            }
            return ReplayPlan.ServiceRules(role: role, history: history)
        }
        return try make(record, services)
    }

    private func make(_ record: JournalRecord, _ services: [ReplayPlan.ServiceRules]) throws -> ReplayPlan {
        var generator = SplitMix64Sequence()
        return try ReplayPlan(record, services: services, now: Self.time + 10 * Self.minute) { generator.next() }
    }

    private struct SplitMix64Sequence {
        var state: UInt64 = 0
        mutating func next() -> UInt64 {
            state += 1
            return SplitMix64.mix(state &* 0x9E37_79B9_7F4A_7C15)
        }
    }

    @Test("The request is repeated as it was, under new ids")
    func theRequestIsRepeatedUnderNewIDs() throws {
        let plan = try plan()
        let request = plan.request(to: "http://gateway", token: "t")
        #expect(request.method == .post && request.url == "http://gateway/v1/tasks?mode=async")
        #expect(request.body == Array("{}".utf8))
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"] == "Bearer t")
        #expect(request.headers["baggage"] == "tailspan.replay=\(Self.trace)")
        let parent = try #require(request.headers["traceparent"].flatMap(TraceParent.parse))
        #expect(parent.traceID == plan.traceID && parent.traceID.description != Self.trace)
        #expect(parent.traceFlags == [.sampled, .random])
        #expect(request.headers["idempotency-key"]?.hasPrefix("replay-") == true)
        #expect(try self.plan(Self.record(method: "GET")).request(to: "", token: nil).headers["idempotency-key"] == nil)
    }

    @Test("No rules are sent while the services' rules are unchanged")
    func unchangedRulesAreNotSent() throws {
        let plan = try plan(then: "payments:error;executor:latency=5ms,rate=40%")
        #expect(!plan.bringsRules && plan.rulesThen.count == 2)
        #expect(plan.rulesThen.first { $0.rule.kind == .error }?.isHit == true)
        #expect(plan.baggage["tailspan.fault"] == nil && plan.baggage["tailspan.fault-alone"] == nil)
    }

    @Test("When the rules have changed, those that hit are sent with their seed and replace the rest")
    func changedRulesAreSentAndReplaceTheCurrentOnes() throws {
        let plan = try plan(then: "payments:error=503;payments:latency=5ms,rate=0.0001%", now: "gateway:error")
        #expect(plan.bringsRules)
        #expect(plan.rulesThen.map(\.isHit) == [true, false])
        #expect(plan.baggage["tailspan.fault"] == "payments:error=503,seed=7")
        #expect(plan.baggage["tailspan.fault-alone"] == "1")
        let cleared = try self.plan(then: "", now: "gateway:error")
        #expect(cleared.bringsRules && cleared.baggage["tailspan.fault"] == nil)
        #expect(cleared.baggage["tailspan.fault-alone"] == "1")
    }

    @Test("Another seed counts as another rule")
    func anotherSeedCountsAsAnotherRule() throws {
        let plan = try plan(then: "payments:error", now: "payments:error", seeds: (7, 8))
        #expect(plan.bringsRules && plan.baggage["tailspan.fault"] == "payments:error=503,seed=7")
        #expect(try !self.plan(then: "payments:error,seed=1", now: "payments:error,seed=1", seeds: (7, 8)).bringsRules)
    }

    @Test(
        "A time window is evaluated at the original time",
        arguments: [
            ("payments:error,for=30s", nil as String?, false),
            ("payments:error,for=90s", "payments:error=503,seed=7", true),
            ("payments:error,from=30s", nil, false),
            ("payments:error,from=90s", nil, true),
        ])
    func aTimeWindowIsEvaluatedAtTheOriginalTime(rule: String, brought: String?, brings: Bool) throws {
        let plan = try plan(then: rule)
        #expect(plan.baggage["tailspan.fault"] == brought)
        #expect(plan.bringsRules == brings)
    }

    @Test("The request's place in the scenario is kept, and the rules keep their times in it")
    func theScenarioTimeIsKept() throws {
        let plan = try plan(
            Self.record(baggage: "tailspan.at=12000,team=red"), then: "payments:error,from=10s,for=5s", now: "")
        #expect(plan.baggage["tailspan.at"] == "12000" && plan.baggage["team"] == "red")
        #expect(plan.baggage["tailspan.fault"] == "payments:error=503,from=10s,for=5s,seed=7")
        let late = try self.plan(
            Self.record(baggage: "tailspan.at=16000"), then: "payments:error,from=10s,for=5s", now: "")
        #expect(late.rulesThen.isEmpty && !late.bringsRules)
    }

    @Test("Rules that the request brought replace rules with the same id")
    func rulesOfTheRequestReplaceThoseWithTheirID() throws {
        let plan = try plan(
            Self.record(baggage: "tailspan.fault=payments:error=503%2Cid=a"), then: "payments:latency=5ms,id=a")
        #expect(plan.rulesThen.map(\.rule.description) == ["payments:error=503,id=a,seed=7"])
        #expect(plan.bringsRules)
    }

    @Test("A replay of a replay is decided by the id of the first request")
    func aReplayOfAReplayUsesTheFirstTraceID() throws {
        let other = "1af7651916cd43dd8448eb211c80319c"
        let plan = try plan(
            Self.record(baggage: "tailspan.replay=\(other),tailspan.fault-alone=1"), then: "payments:error")
        #expect(plan.decider.description == other)
        #expect(plan.rulesThen.isEmpty && plan.baggage["tailspan.fault-alone"] == "1")
    }

    @Test("A rule for every service that one service had is sent to that service alone")
    func aWildcardRuleIsSentToItsServiceAlone() throws {
        let plan = try plan(then: "*:latency=5ms", now: "", roles: [.payments])
        #expect(plan.rulesThen.map(\.rule.description) == ["payments:latency=5ms,id=all-latency,seed=7"])
    }

    @Test("Differences that cannot be reproduced are reported")
    func differencesThatCannotBeReproducedAreReported() throws {
        let unready = try plan(Self.record(redacted: ["query token"]), then: "payments:unready", now: "tasks:unready")
        #expect(
            unready.warnings == [
                "tasks: 'tasks:unready' is in force now and was not then",
                "payments: 'payments:unready' was in force then and is not now",
                "not recorded, and so not sent: query token",
            ])
        let late = [
            ReplayPlan.ServiceRules(
                role: .payments, history: [FaultPlanRecord(time: Self.time + Self.minute, seed: 7)])
        ]
        #expect(try make(Self.record(), late).warnings.first?.hasPrefix("payments does not know its rules") == true)
    }

    @Test("A request whose body was not kept cannot be replayed")
    func aRequestWithoutItsBodyCannotBeReplayed() {
        #expect(throws: ReplayError.self) { try plan(Self.record(body: nil, size: 20_000)) }
        #expect(throws: Never.self) { try plan(Self.record(method: "GET", body: nil, size: 0)) }
    }
}
