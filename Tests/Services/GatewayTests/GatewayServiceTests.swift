import Encoding
import HTTP
import Logging
import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Tracing

@testable import Gateway

@Suite("The gateway service")
struct GatewayServiceTests {
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

    @Test func theGatewayPassesOnTraceIDAndDeadline() async throws {
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

    @Test func anInvalidBodyNeverLeavesTheGateway() async throws {
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

    /// The status and type that the upstream sends, and the status that the caller receives.
    @Test(
        arguments: [
            (404, "unknown-guild", 404), (402, "insufficient-balance", 402), (503, "executor-busy", 503),
            (504, nil, 504), (500, nil, 502), (502, nil, 502),
        ] as [(Int, String?, Int)])
    func aProblemOfTheUpstreamIsPassedOn(_ status: Int, _ type: String?, _ expected: Int) async throws {
        let app = try await withGateway(
            upstream: { _ in HTTPError(HTTPStatus(code: status), type: type, message: "why").response(instance: "/") }
        ) { client, _ in
            let answer = try await client.execute(uri: "/v1/guilds/g-1/balance")
            #expect(answer.status.code == expected)
            #expect(try answer.json()["type"]?.string == type.map { "urn:tailspan:problem:" + $0 } ?? "about:blank")
        }
        #expect(errorDisagreements(app.spans.spans, app.logs.entries) == [])
        #expect(app.spans.spans.contains { $0.status?.code == .error })
        // Only what somebody should look at is an error.
        #expect(app.logs.entries.contains { $0.level >= .error } == (status >= 500))
    }

    @Test("An id reaches tasks as it was sent, even one that looks like part of a path", arguments: [".", "..", "a/b"])
    func anIDReachesTasksAsItWasSent(_ id: String) async throws {
        _ = try await withGateway(upstream: { _ in .text("{}") }) { client, upstream in
            _ = try await client.execute(uri: "/v1/tasks/" + id.replacing("/", with: "%2F"))
            #expect(upstream.asked == ["GET /v1/tasks/" + id.replacing("/", with: "%2F")])
        }
    }

    @Test func aDeadUpstreamIsAnswered502() async throws {
        let app = TestApplication(
            GatewayService.self, environment: ["TASKS_URL": "http://127.0.0.1:1", "PAYMENTS_URL": "http://127.0.0.1:1"])
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/v1/tasks")
            #expect(answer.status == .badGateway)
            #expect(try answer.json()["type"]?.string == "urn:tailspan:problem:upstream-unreachable")
        }
    }

    @Test func anExpiredDeadlineIsAnswered504() async throws {
        _ = try await withGateway(upstream: { _ in
            try await Task.sleep(for: .seconds(30))
            return nil
        }) { client, _ in
            let answer = try await client.execute(uri: "/v1/tasks", headers: ["x-request-timeout-ms": "50"])
            #expect(answer.status == .gatewayTimeout)
        }
    }

    @Test func aTokenIsRequiredWhereOneIsSet() async throws {
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

    @Test func theJournalRecordsAndListsRequests() async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let answer: FakeUpstream.Answer = { _ in .text("{}", status: .created) }
        let rule = ["FAULTS": "gateway:latency=1ms", "FAULTS_FROM_REQUESTS": "true"]
        _ = try await withGateway(rule, upstream: answer) { client, _ in
            _ = try await client.execute(
                uri: "/v1/tasks?mode=async", method: .post,
                headers: [
                    "traceparent": "00-\(trace)-b7ad6b7169203331-03", "authorization": "Bearer geheim",
                    "x-tailspan-fault": "payments:error",
                ], json: Self.task)
            let list = try await client.execute(uri: "/admin/requests").json()
            #expect(list["capacity"] == 1000 && list["recorded"] == 1)
            #expect(list["requests"]?[0]?["trace_id"]?.string == trace)
            let told = try await client.execute(uri: "/admin/requests/" + trace)
            #expect(!String(decoding: told.body, as: UTF8.self).contains("geheim"))
            let request = try #require(try told.json()["requests"]?[0])
            #expect(request["query"] == "mode=async" && request["status"] == 201 && request["trace_flags"] == "03")
            #expect(request["body"]?.string == Self.task.description)
            #expect(request["headers"]?["baggage"] == "tailspan.fault=payments:error")
            #expect(request["rules"] == ["gateway:latency=1ms"])
            #expect(request["injections"]?[0]?["rule"] == "gateway-latency")
        }
    }

    @Test func onlyItsOwnMachineMayReadTheJournal() async throws {
        _ = try await withGateway(upstream: { _ in .text("{}") }) { client, _ in
            for uri in ["/admin/requests", "/admin/requests/0af7651916cd43dd8448eb211c80319c"] {
                let answer = try await client.execute(uri: uri, headers: ["x-forwarded-for": "10.0.0.1"])
                #expect(answer.status == .forbidden)
            }
        }
    }

    @Test(arguments: [
        ("1000", "/admin/requests/0af7651916cd43dd8448eb211c80319c", 404, "unknown-request"),
        ("1000", "/admin/requests/0AF", 400, "invalid-parameter"),
        ("1000", "/admin/requests?limit=0", 400, "invalid-parameter"),
        ("0", "/admin/requests", 404, "journal-off"),
        ("0", "/admin/requests/0af7651916cd43dd8448eb211c80319c", 404, "journal-off"),
    ])
    func theJournalSaysWhatItCannotShow(_ size: String, _ uri: String, _ status: Int, _ type: String) async throws {
        _ = try await withGateway(["JOURNAL_SIZE": size], upstream: { _ in .text("{}") }) { client, _ in
            _ = try await client.execute(uri: "/v1/tasks")
            let answer = try await client.execute(uri: uri)
            #expect(answer.status.code == status)
            #expect(ProblemDetails(answer.body).type == type)
        }
    }
}
