import Contracts
import Encoding
import HTTP
import OTelSDK
import ServiceTesting
import Synchronization
import Testing

@testable import Tasks

/// The saga against upstreams that answer as each case specifies.
@Suite("The task saga")
struct SagaTests {
    /// What an upstream does when it is asked.
    enum Behaviour: Sendable {
        case works
        case answers(Int, String?)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reserve = Behaviour.works
        var execute = Behaviour.works
        var settle = Behaviour.works
        var release = Behaviour.works
        var status: Int
        var state: TaskState
        var error: String?
        /// How often the release was asked for.
        var releases: Int
    }

    static let cases = [
        Case(testDescription: "all works", status: 201, state: .settled, releases: 0),
        Case(
            testDescription: "unknown guild", reserve: .answers(404, "unknown-guild"), status: 404, state: .failed,
            error: "unknown-guild", releases: 0),
        Case(
            testDescription: "too little balance", reserve: .answers(402, "insufficient-balance"), status: 402,
            state: .failed, error: "insufficient-balance", releases: 0),
        Case(
            testDescription: "payments fails, nothing known to be held", reserve: .answers(500, nil),
            release: .answers(404, "unknown-reservation"), status: 502, state: .failed, error: "status-502", releases: 1
        ),
        Case(
            testDescription: "payments fails after holding", reserve: .answers(500, nil), status: 502,
            state: .compensated, error: "status-502", releases: 1),
        Case(
            testDescription: "executor busy", execute: .answers(503, "executor-busy"), status: 503,
            state: .compensated, error: "executor-busy", releases: 1),
        Case(
            testDescription: "executor fails", execute: .answers(500, nil), status: 502, state: .compensated,
            error: "status-502", releases: 1),
        Case(
            testDescription: "settlement refused", settle: .answers(409, "reservation-conflict"), status: 409,
            state: .compensated, error: "reservation-conflict", releases: 1),
        Case(
            testDescription: "settlement answer lost, captured after all", settle: .answers(500, nil),
            release: .answers(409, "reservation-conflict"), status: 502, state: .settled, releases: 1),
        Case(
            testDescription: "compensation fails too: left for later", execute: .answers(500, nil),
            release: .answers(500, nil), status: 502, state: .executing, releases: 1),
    ]

    @Test(arguments: cases)
    func aTaskEndsInTheExpectedState(_ example: Case) async throws {
        let payments = try await FakeUpstream { request in
            switch (request.method, request.path) {
            case (.post, "/v1/reservations"): Self.answer(example.reserve, Self.reservation("held"), 201)
            case (.post, "/v1/settlements"): Self.answer(example.settle, Self.reservation("captured"), 201)
            case (.delete, _): Self.answer(example.release, Self.reservation("released"), 200)
            default: nil
            }
        }
        let executor = try await FakeUpstream { _ in Self.answer(example.execute, Self.execution, 201) }
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.router) { client in
            let answer = try await client.execute(
                uri: "/v1/tasks", method: .post, headers: ["x-request-timeout-ms": "20000"], json: Self.task)
            #expect(answer.status.code == example.status)
            let task = try #require(try await client.execute(uri: "/v1/tasks").json()["tasks"]?[0])
            #expect(task["state"]?.string == example.state.rawValue)
            if let error = example.error { #expect(task["error"]?.string == error) }
        }
        #expect(payments.asked.filter { $0.hasPrefix("DELETE") }.count == example.releases)
        await payments.stop()
        await executor.stop()
        Self.expectErrorSpansAndLinesToAgree(app)
    }

    /// A process paid but ended before it stored the result. The next one computes it again without another payment.
    @Test func aPaidTaskGetsItsResultWithoutAnotherPayment() async throws {
        let payments = try await FakeUpstream { _ in Response(status: .ok, body: Self.reservation("captured")) }
        let executor = try await FakeUpstream { _ in Response(status: .created, body: Self.execution) }
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.router) { client in
            let task = try await client.execute(uri: "/v1/tasks", method: .post, json: Self.task).json()
            #expect(task["state"]?.string == "settled" && task["result"]?.string == "00")
        }
        #expect(payments.asked == ["POST /v1/reservations"])
        await payments.stop()
        await executor.stop()
    }

    /// A reservation whose response cannot be read may be held, so it is not a refusal, and the amount is released.
    @Test func anUnreadableAnswerReleasesTheReservation() async throws {
        let payments = try await FakeUpstream { request in
            request.method == .delete
                ? Response(status: .ok, body: Self.reservation("released")) : Response(status: .created, body: [0x7B])
        }
        let app = TestApplication(TasksService.self, environment: ["PAYMENTS_URL": payments.url])
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/v1/tasks", method: .post, json: Self.task)
            #expect(answer.status == .badGateway)
        }
        #expect(payments.asked.filter { $0.hasPrefix("DELETE") }.count == 1)
        await payments.stop()
    }

    /// A failed request that is sent again under its key gets the same response and moves no money.
    @Test func aRepeatedRequestGetsTheSameFailure() async throws {
        let payments = try await FakeUpstream { _ in
            HTTPError(.paymentRequired, type: "insufficient-balance", message: "as told").response(instance: "/")
        }
        let app = TestApplication(TasksService.self, environment: ["PAYMENTS_URL": payments.url])
        try await app.test(.router) { client in
            for _ in 0..<2 {
                let answer = try await client.execute(
                    uri: "/v1/tasks", method: .post, headers: ["idempotency-key": "k"], json: Self.task)
                #expect(answer.status == .paymentRequired)
                #expect(try answer.json()["type"]?.string == "urn:tailspan:problem:insufficient-balance")
            }
        }
        #expect(payments.asked == ["POST /v1/reservations"])
        await payments.stop()
    }

    /// Every retry, and the resumption of a task, uses the same key.
    @Test func retriesCarryTheSameKey() async throws {
        let failures = Mutex(2)
        let payments = try await FakeUpstream { request in
            if request.path == "/v1/reservations",
                failures.withLock({
                    $0 -= 1; return $0 >= 0
                })
            {
                return Response(status: .serviceUnavailable)
            }
            return Response(
                status: .created, body: Self.reservation(request.path == "/v1/settlements" ? "captured" : "held"))
        }
        let executor = try await FakeUpstream { _ in Response(status: .created, body: Self.execution) }
        let app = TestApplication(
            TasksService.self, environment: ["PAYMENTS_URL": payments.url, "EXECUTOR_URL": executor.url])
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/v1/tasks", method: .post, json: Self.task)
            #expect(answer.status == .created)
        }
        let keys = payments.requests.filter { $0.path == "/v1/reservations" }.map { $0.headers["idempotency-key"] }
        #expect(keys.count == 3 && Set(keys).count == 1 && keys[0] != nil)
        await payments.stop()
        await executor.stop()
    }

    static let task: JSONValue = [
        "guild_id": "g-1", "amount": 5, "workload": ["kind": "sort", "size": 10],
    ]

    static func reservation(_ state: String) -> [UInt8] {
        Array(
            #"{"reservation_id":"r","channel_id":"ch-1","guild_id":"g-1","amount":5,"state":"\#(state)"}"#.utf8)
    }

    static let execution = Array(
        #"{"executor_id":"exec-1","result":"00","duration_ms":1.5,"memory_bytes":80}"#.utf8)

    private static func answer(_ behaviour: Behaviour, _ body: [UInt8], _ status: Int) -> Response {
        switch behaviour {
        case .works: Response(status: HTTPStatus(code: status), body: body)
        case .answers(let status, let type):
            HTTPError(HTTPStatus(code: status), type: type, message: "as told").response(instance: "/")
        }
    }

    static func expectErrorSpansAndLinesToAgree(_ app: TestApplication) {
        #expect(errorDisagreements(app.spans.spans, app.logs.entries) == [])
    }
}
