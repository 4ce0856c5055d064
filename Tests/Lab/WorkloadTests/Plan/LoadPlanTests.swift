import Encoding
import HTTP
import Testing
import Vocabulary

@testable import Workload

@Suite("The plan of a load")
struct LoadPlanTests {
    private func plan(_ seed: UInt64, _ mix: Mix<RequestKind> = .usual) throws -> LoadPlan {
        try LoadPlan(seed: seed, rate: 100, limit: .requests(500), mix: mix)
    }

    @Test("The seed alone determines the requests")
    func theSeedDeterminesTheRequests() throws {
        let first = Array(try plan(7).requests)
        #expect(first == Array(try plan(7).requests))
        let other = Array(try plan(8).requests)
        #expect(zip(first, other).allSatisfy { $0.traceID != $1.traceID })
    }

    @Test("A request does not depend on rate, length, concurrency or the requests before it")
    func aRequestDependsOnSeedAndIndexAlone() throws {
        let long = try LoadPlan(seed: 7, rate: 3, limit: .duration(.seconds(1000)), concurrency: 1)
        #expect(try plan(7).request(at: 499) == long.request(at: 499))
        #expect(long.request(at: 3) == long.request(at: 3))
    }

    /// A recorded seed must mean the same requests in every later version.
    @Test("The requests of a seed never change")
    func theRequestsOfASeedNeverChange() throws {
        let request = try plan(42).request(at: 0)
        #expect(request.traceParent == "00-c5a57e8172f0a9d261b3e514f002fd8b-b4b2555dc7fcd0aa-03")
        #expect(request.idempotencyKey == "load-9a0499c8cfae7a8d")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"guild_id":"g-3","amount":95,"workload":{"kind":"sort","size":2846}}"#)
    }

    @Test("Every id is unique and well-formed")
    func everyIDIsUniqueAndWellFormed() throws {
        let requests = Array(try plan(1).requests)
        #expect(Set(requests.map(\.traceID)).count == requests.count)
        #expect(Set(requests.map(\.spanID)).count == requests.count)
        #expect(Set(requests.map(\.idempotencyKey)).count == requests.count)
        for request in requests {
            let parts = request.traceParent.split(separator: "-")
            #expect(parts.map(\.utf8.count) == [2, 32, 16, 2])
            #expect(parts.allSatisfy { $0.utf8.allSatisfy { Hex.value($0) != nil } })
            #expect(request.headers["traceparent"] == request.traceParent)
            #expect(request.headers["idempotency-key"] == request.idempotencyKey)
            #expect(request.headers["content-type"] == "application/json")
        }
    }

    @Test("A body matches the kind of its request", arguments: RequestKind.allCases)
    func aBodyMatchesItsRequestKind(kind: RequestKind) throws {
        for request in try plan(5, .only(kind)).requests {
            let body = try JSONValue(parsing: request.body)
            let guild = body["guild_id"]?.string
            let amount = try #require(body["amount"]?.integer)
            #expect(ComputationKind(rawValue: body["workload"]?["kind"]?.string ?? "") != nil)
            #expect((1...50_000).contains(body["workload"]?["size"]?.integer ?? 0))
            #expect(request.uri == (kind == .async ? "/v1/tasks?mode=async" : "/v1/tasks"))
            switch kind {
            case .sync, .async:
                #expect((1...16).map { "g-\($0)" }.contains(guild))
                #expect((1...100).contains(amount))
            case .unknownGuild: #expect(guild == "g-unknown")
            case .poor: #expect(amount == 9_000_000_000_000)
            case .badBody: #expect(guild == nil || amount < 0)
            }
        }
    }

    @Test("Requests are due at equal intervals")
    func requestsAreDueAtEqualIntervals() throws {
        let plan = try plan(1)
        #expect(plan.dueTime(of: 0) == .zero)
        #expect(plan.dueTime(of: 1) == .milliseconds(10))
        #expect(plan.dueTime(of: 499) == .milliseconds(4990))
        #expect(try LoadPlan(seed: 1, rate: 2.5, limit: .duration(.seconds(10))).count == 25)
    }

    @Test("A plan without load is refused")
    func aPlanWithoutLoadIsRefused() {
        #expect(throws: LoadPlanError.self) { try LoadPlan(seed: 1, rate: 0, limit: .requests(1)) }
        #expect(throws: LoadPlanError.self) { try LoadPlan(seed: 1, rate: .nan, limit: .requests(1)) }
        #expect(throws: LoadPlanError.self) { try LoadPlan(seed: 1, rate: 1, limit: .requests(0)) }
        #expect(throws: LoadPlanError.self) { try LoadPlan(seed: 1, rate: 1, limit: .duration(.milliseconds(1))) }
        #expect(throws: LoadPlanError.self) { try LoadPlan(seed: 1, rate: 1e6, limit: .duration(.seconds(1000))) }
        #expect(throws: LoadPlanError.self) { try LoadPlan(seed: 1, rate: 1, limit: .requests(1), concurrency: 0) }
    }
}
