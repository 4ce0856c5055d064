import Encoding
import HTTP
import ServiceTesting
import Testing
import TraceContext

@testable import Gateway

/// The fault rules that the gateway accepts and passes on to the services behind it.
@Suite("Fault rules that reach the gateway")
struct FaultIngressTests {
    private static let task: JSONValue = ["guild_id": "g-1", "amount": 5, "workload": ["kind": "sort", "size": 10]]

    /// Sends a task; returns the answer and the baggage that tasks was sent.
    private func send(
        _ environment: [String: String], _ headers: HTTPFields = [:], uri: String = "/v1/tasks"
    ) async throws -> (answer: HTTPClient.Response, passedOn: Baggage?) {
        let upstream = try await FakeUpstream { _ in .text("{}", status: .created) }
        let urls = ["TASKS_URL": upstream.url, "PAYMENTS_URL": upstream.url]
        let app = TestApplication(GatewayService.self, environment: urls.merging(environment) { $1 })
        let answer = try await app.test(.router) { client in
            try await client.execute(uri: uri, method: .post, headers: headers, json: Self.task)
        }
        let passedOn = upstream.requests.first.map { Baggage(headerValue: $0.headers["baggage"] ?? "") }
        await upstream.stop()
        return (answer, passedOn)
    }

    private static let open = ["FAULTS_FROM_REQUESTS": "true"]

    @Test("Rules in the header join those in the baggage and go on to the next service")
    func rulesInTheHeaderJoinThoseInTheBaggage() async throws {
        let (answer, baggage) = try await send(
            Self.open, ["x-tailspan-fault": "payments:error", "baggage": "tailspan.fault=tasks:abort,user=anna"])
        #expect(answer.status == .created)
        #expect(baggage?["tailspan.fault"] == "tasks:abort;payments:error" && baggage?["user"] == "anna")
        // No rule matches by anything: nothing more is passed on.
        #expect(baggage?.entries.count == 2)
    }

    @Test("A rule for the gateway takes effect")
    func aRuleForTheGatewayTakesEffect() async throws {
        let (answer, passedOn) = try await send(
            Self.open, ["x-tailspan-fault": "gateway.create-task:error=418:\"no tea\""])
        #expect(answer.status.code == 418 && passedOn == nil)
        #expect(try answer.json()["detail"] == "no tea")
    }

    @Test(
        "An invalid rule is answered 400 with what was expected",
        arguments: ["x-tailspan-fault", "baggage"])
    func anInvalidRuleIsAnswered400(field: String) async throws {
        for (rule, message) in [
            ("gateway:eror", "fault 'gateway:eror': no kind of fault 'eror': did you mean 'error'?"),
            (
                "gateway:unready",
                "fault 'gateway:unready': 'unready' happens to the whole service: a request cannot bring it"
            ),
        ] {
            let value = field == "baggage" ? "tailspan.fault=" + rule : rule
            let (answer, passedOn) = try await send(Self.open, [field: value])
            #expect(answer.status == .badRequest && passedOn == nil)
            let problem = try answer.json()
            #expect(problem["type"] == "urn:tailspan:problem:invalid-fault")
            #expect(problem["detail"]?.string == message)
        }
    }

    @Test("The header is ignored where requests may carry no rules")
    func theHeaderIsIgnoredWhereRequestsMayCarryNoRules() async throws {
        let (answer, baggage) = try await send([:], ["x-tailspan-fault": "gateway:error"])
        #expect(answer.status == .created && baggage?.isEmpty == true)
        let (nonsense, _) = try await send([:], ["x-tailspan-fault": "nonsense"])
        #expect(nonsense.status == .created)
    }

    @Test(
        "Match values are passed on only while a rule for any service has a match",
        arguments: [
            (["FAULTS": "payments:error,match=guild_id:g-1"], "", true), (["FAULTS": "payments:error"], "", false),
            (open, "payments:error,match=guild_id:g-1", true), (open, "payments:error", false), ([:], "", false),
        ])
    func matchValuesFollowMatchingRules(environment: [String: String], brought: String, isPassedOn: Bool) async throws {
        let headers: HTTPFields = brought.isEmpty ? [:] : ["x-tailspan-fault": brought]
        let (answer, baggage) = try await send(environment, headers, uri: "/v1/tasks?mode=async")
        #expect(answer.status == .created)
        #expect(baggage?["tailspan.guild_id"] == (isPassedOn ? "g-1" : nil))
        #expect(baggage?["tailspan.mode"] == (isPassedOn ? "async" : nil))
        #expect(baggage?["tailspan.workload"] == (isPassedOn ? "sort" : nil))
    }
}
