import Contracts
import Encoding
import HTTP
import Logging
import OTel
import ServiceTesting
import Testing
import Tracing

@testable import GatewayService

@Suite struct GatewayServiceTests {
    private static let task: JSONValue = ["guild_id": "g-1", "amount": 5, "workload": ["kind": "sort", "size": 10]]

    /// Runs the gateway in front of an upstream that plays both tasks and payments.
    private func withGateway(
        _ environment: [String: String] = [:], upstream answer: @escaping FakeUpstream.Answer,
        _ body: @escaping @Sendable (TestClient, FakeUpstream) async throws -> Void
    ) async throws -> TestApplication {
        let upstream = try await FakeUpstream(answer)
        let urls = ["TASKS_URL": upstream.url, "PAYMENTS_URL": upstream.url]
        let app = TestApplication(GatewayService.self, environment: urls.merging(environment) { $1 })
        try await app.test(.router) { client in try await body(client, upstream) }
        await upstream.stop()
        return app
    }

    @Test func passesTheTraceTheIdAndTheTimeOn() async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let app = try await withGateway(upstream: { _ in .text("{}", status: .created) }) { client, upstream in
            let answer = try await client.execute(
                uri: "/v1/tasks", method: .post,
                headers: [
                    "traceparent": "00-\(trace)-b7ad6b7169203331-01", "x-request-id": "req-1",
                    "x-request-timeout-ms": "5000", "idempotency-key": "key-1",
                ], json: Self.task)
            #expect(answer.status == .created)
            #expect(answer.headers["x-request-id"] == "req-1")
            #expect(answer.headers["x-trace-id"] == trace)
            #expect(answer.headers["traceresponse"]?.hasPrefix("00-\(trace)-") == true)
            let passed = try #require(upstream.requests.first)
            #expect(passed.headers["traceparent"]?.hasPrefix("00-\(trace)-") == true)
            #expect(passed.headers["traceparent"]?.contains("b7ad6b7169203331") == false)
            #expect(passed.headers["x-request-id"] == "req-1" && passed.headers["idempotency-key"] == "key-1")
            let left = try #require(passed.headers["x-request-timeout-ms"].flatMap(Int.init))
            #expect((1...5000).contains(left))
        }
        let server = try #require(app.spans.spans.first { $0.kind == .server })
        let client = try #require(app.spans.spans.first { $0.kind == .client })
        #expect(server.parentSpanID?.description == "b7ad6b7169203331")
        #expect(client.parentSpanID == server.context.spanID)
    }

    @Test(arguments: ["", "a b", "<script>", String(repeating: "x", count: 129)])
    func aHarmfulRequestIDIsReplaced(_ id: String) async throws {
        _ = try await withGateway(upstream: { _ in .text("{}") }) { client, _ in
            let answer = try await client.execute(uri: "/v1/tasks", headers: ["x-request-id": id])
            let made = try #require(answer.headers["x-request-id"])
            #expect(made != id && made.utf8.count == 16)
        }
    }

    @Test func aBadBodyNeverLeavesTheGateway() async throws {
        let app = try await withGateway(upstream: { _ in .text("{}") }) { client, upstream in
            let answer = try await client.execute(uri: "/v1/tasks", method: .post, json: ["guild_id": "g-1"])
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.json()["errors"]?.array?.count == 2)
            #expect(try answer.json()["trace_id"]?.string == answer.headers["x-trace-id"])
            #expect(upstream.asked.isEmpty)
        }
        #expect(app.logs.entries.contains { $0.message == "request completed" && $0.level == .warning })
    }

    @Test(arguments: ["?mode=later", "?mode="])
    func anUnknownModeIsRefused(_ query: String) async throws {
        _ = try await withGateway(upstream: { _ in .text("{}") }) { client, _ in
            let answer = try await client.execute(uri: "/v1/tasks" + query, method: .post, json: Self.task)
            #expect(answer.status == .unprocessableContent)
        }
    }

    /// What an upstream says, and what the caller hears.
    @Test(
        arguments: [
            (404, "unknown-guild", 404), (402, "insufficient-balance", 402), (503, "executor-busy", 503),
            (504, nil, 504), (500, nil, 502), (502, nil, 502),
        ] as [(Int, String?, Int)])
    func anUpstreamsProblemIsPassedOn(_ status: Int, _ type: String?, _ expected: Int) async throws {
        let app = try await withGateway(
            upstream: { _ in HTTPError(HTTPStatus(code: status), type: type, message: "why").response(instance: "/") }
        ) { client, _ in
            let answer = try await client.execute(uri: "/v1/guilds/g-1/balance")
            #expect(answer.status.code == expected)
            #expect(try answer.json()["type"]?.string == type.map { "urn:tailspan:problem:" + $0 } ?? "about:blank")
        }
        let errors = Set(app.spans.spans.filter { $0.status?.code == .error }.map(\.context.spanID.description))
        #expect(errors == Set(app.logs.entries.filter { $0.level == .error }.compactMap(\.spanID)))
        #expect(!errors.isEmpty)
    }

    @Test func aDeadUpstreamIs502() async throws {
        let app = TestApplication(
            GatewayService.self, environment: ["TASKS_URL": "http://127.0.0.1:1", "PAYMENTS_URL": "http://127.0.0.1:1"])
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/v1/tasks")
            #expect(answer.status == .badGateway)
            #expect(try answer.json()["type"]?.string == "urn:tailspan:problem:upstream-unreachable")
        }
    }

    @Test func noTimeLeftIs504() async throws {
        _ = try await withGateway(upstream: { _ in
            try await Task.sleep(for: .seconds(30))
            return nil
        }) { client, _ in
            let answer = try await client.execute(uri: "/v1/tasks", headers: ["x-request-timeout-ms": "50"])
            #expect(answer.status == .gatewayTimeout)
        }
    }

    @Test func aTokenIsAskedForWhereOneIsSet() async throws {
        _ = try await withGateway(["GATEWAY_TOKEN": "s3cret"], upstream: { _ in .text("{}") }) { client, upstream in
            for wrong in [nil, "Bearer s3cre", "Bearer s3cret2", "s3cret", "Bearer "] as [String?] {
                var headers: HTTPFields = [:]
                headers["authorization"] = wrong
                let answer = try await client.execute(uri: "/v1/tasks", headers: headers)
                #expect(answer.status == .unauthorized && answer.headers["www-authenticate"] == "Bearer")
            }
            #expect(upstream.asked.isEmpty)
            let answer = try await client.execute(uri: "/v1/tasks", headers: ["authorization": "Bearer s3cret"])
            #expect(answer.status == .ok)
            #expect(try await client.execute(uri: "/healthz").status == .ok)
        }
    }
}
