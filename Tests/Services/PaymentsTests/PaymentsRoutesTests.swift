import Encoding
import HTTP
import Logging
import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Tracing

@testable import Payments

@Suite("The routes of the payments service")
struct PaymentsRoutesTests {
    private let app = TestApplication(PaymentsService.self, environment: ["SEED_GUILDS": "2", "SEED_BALANCE": "100"])

    private static let reservation: JSONValue = ["guild_id": "g-1", "task_id": "t-1", "amount": 40]

    @Test(arguments: [TestApplication.Mode.router, .live])
    func aReservationIsCapturedAndAudited(_ mode: TestApplication.Mode) async throws {
        try await app.test(mode) { client in
            let made = try await client.execute(
                uri: "/v1/reservations", method: .post, headers: ["idempotency-key": "k"], json: Self.reservation)
            #expect(made.status == .created)
            #expect(try made.json()["reservation_id"]?.string == "r-t-1")
            let again = try await client.execute(
                uri: "/v1/reservations", method: .post, headers: ["idempotency-key": "k"], json: Self.reservation)
            #expect(again.status == .ok)
            #expect(try again.json() == made.json())
            let captured = try await client.execute(
                uri: "/v1/settlements", method: .post, headers: ["idempotency-key": "s"],
                json: ["reservation_id": "r-t-1"])
            #expect(try captured.json()["state"]?.string == "captured")
            let balance = try await client.execute(uri: "/v1/guilds/g-1/balance").json()
            #expect(balance["available"]?.integer == 60 && balance["held"]?.integer == 0)
            let audit = try await client.execute(uri: "/v1/integrity").json()
            #expect(audit["sound"]?.bool == true && audit["sum"]?.integer == 0)
        }
    }

    @Test func aRefusalIsAProblemDocumentWithoutAnErrorSpan() async throws {
        try await app.test(.router) { client in
            let answer = try await client.execute(
                uri: "/v1/reservations", method: .post, headers: ["idempotency-key": "k"],
                json: ["guild_id": "g-1", "task_id": "t-1", "amount": 101])
            #expect(answer.status == .paymentRequired)
            #expect(answer.headers["content-type"] == "application/problem+json")
            let problem = try answer.json()
            #expect(problem["type"]?.string == "urn:tailspan:problem:insufficient-balance")
            #expect(problem["trace_id"]?.string == answer.headers["x-trace-id"])
        }
        #expect(app.spans.spans.allSatisfy { $0.status == nil })
        #expect(app.logs.entries.allSatisfy { $0.level < .error })
    }

    @Test func aPostWithoutAnIdempotencyKeyIsRefused() async throws {
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/v1/reservations", method: .post, json: Self.reservation)
            #expect(answer.status == .badRequest)
            #expect(try answer.json()["type"]?.string == "urn:tailspan:problem:idempotency-key-required")
        }
    }

    @Test func anErrorNamesEveryWrongField() async throws {
        try await app.test(.router) { client in
            let answer = try await client.execute(
                uri: "/v1/reservations", method: .post, headers: ["idempotency-key": "k"],
                json: ["guild_id": "<script>", "amount": 0])
            #expect(answer.status == .unprocessableContent)
            let fields = try answer.json()["errors"]?.array?.compactMap { $0["field"]?.string }
            #expect(fields == ["/guild_id", "/task_id", "/amount"])
        }
    }

    @Test func linesCarryTheTraceAndSpanOfTheirRequest() async throws {
        try await app.test(.router) { client in
            _ = try await client.execute(
                uri: "/v1/reservations", method: .post, headers: ["idempotency-key": "k"], json: Self.reservation)
        }
        let spans = app.spans.spans
        let server = try #require(spans.first { $0.kind == .server })
        let insert = try #require(spans.first { $0.kind == .client })
        #expect(server.name == "POST /v1/reservations" && insert.name == "INSERT reservations")
        #expect(insert.parentSpanID == server.context.spanID && insert.context.traceID == server.context.traceID)
        let lines = app.logs.entries.filter { $0.requestID != nil }
        #expect(lines.map(\.message) == ["amount reserved", "request completed"])
        #expect(lines.allSatisfy { $0.traceID == server.context.traceID.description })
        #expect(lines.allSatisfy { $0.spanID == server.context.spanID.description })
    }
}
