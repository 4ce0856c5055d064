import Encoding
import Gateway
import HTTP
import OTelSDK
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@Suite("Health and refusals over a socket")
struct HealthTests {
    @Test("Every service is ready and lists its components")
    func everyServiceIsReadyWithItsComponents() async throws {
        try await withFourServices { services in
            let expected: [ServiceRole: [String]] = [
                .gateway: ["tasks", "payments"], .tasks: ["store", "payments", "executor"], .payments: ["ledger"],
            ]
            for role in ServiceRole.allCases {
                let answer = try await services.client.get(services.url(role) + "/readyz")
                #expect(answer.status == .ok)
                let json = try answer.json()
                #expect(json["status"] == "ready", "\(answer.text)")
                if let names = expected[role] {
                    #expect(json["components"]?.array?.compactMap { $0["name"]?.string } == names)
                }
                let alive = try await services.client.get(services.url(role) + "/healthz")
                #expect(alive.status == .ok)
                #expect(try alive.json()["service"]?.string == role.rawValue)
            }
            // Nobody wants a trace of every probe.
            #expect(services.spans.spans.isEmpty)
            #expect(services.logs.entries.allSatisfy { $0.requestID == nil })
        }
    }

    @Test(
        "A gateway waits for its upstreams once, and a later loss only degrades it")
    func aLostUpstreamDegradesTheGateway() async throws {
        let isUpstreamReady = Atomic(false)
        let upstream = try await FakeUpstream { request in
            guard request.path == "/readyz", isUpstreamReady.load(ordering: .relaxed) else {
                return Response(status: .serviceUnavailable)
            }
            return Response(status: .ok)
        }
        let app = TestApplication(
            GatewayService.self, environment: ["TASKS_URL": upstream.url, "PAYMENTS_URL": upstream.url])
        try await app.test(.live) { client in
            func probe() async throws -> (HTTPStatus, JSONValue) {
                // Alive in any case: what waits must not be restarted for it.
                #expect(try await client.execute(uri: "/healthz").status == .ok)
                let answer = try await client.execute(uri: "/readyz")
                return (answer.status, try answer.json())
            }
            let (early, waiting) = try await probe()
            #expect(early == .serviceUnavailable && waiting["status"] == "broken")
            let components = waiting["components"]?.array ?? []
            #expect(components.compactMap { $0["required"]?.bool } == [true, true])
            #expect(components.allSatisfy { $0["error"]?.string?.contains("/readyz answered 503") == true })
            isUpstreamReady.store(true, ordering: .relaxed)
            #expect(try await probe().0 == .ok)
            await upstream.stop()
            let (late, down) = try await probe()
            #expect(late == .ok && down["status"] == "degraded")
            #expect(
                down["components"]?.array?.allSatisfy { $0["error"]?.string?.contains("could not connect") == true }
                    == true)
        }
    }

    @Test("The 404, 405 and 413 answers are problem documents that name the trace")
    func refusalsAreProblemDocumentsWithTheTraceID() async throws {
        try await withFourServices(environment: ["MAX_BODY_BYTES": "300"]) { services in
            let base = services.url(.gateway)
            let unknown = try await services.client.get(base + "/v2/tasks")
            expectProblem(unknown, 404)
            let wrongMethod = try await services.client.execute(
                HTTPClient.Request(method: HTTPMethod(rawValue: "PUT"), url: base + "/v1/tasks"))
            expectProblem(wrongMethod, 405)
            #expect(wrongMethod.headers["allow"] == "GET, HEAD, POST")
            let large = try await services.client.execute(
                HTTPClient.Request(
                    method: .post, url: base + "/v1/tasks", headers: ["content-type": "application/json"],
                    body: Array(repeating: UInt8(ascii: " "), count: 301)))
            expectProblem(large, 413)
            // One byte less is read, and found to be no JSON.
            let empty = try await services.client.execute(
                HTTPClient.Request(
                    method: .post, url: base + "/v1/tasks", headers: ["content-type": "application/json"],
                    body: Array(repeating: UInt8(ascii: " "), count: 300)))
            expectProblem(empty, 400)
        }
    }

    private func expectProblem(_ answer: HTTPClient.Response, _ status: Int) {
        #expect(answer.status.code == status)
        #expect(answer.headers["content-type"] == "application/problem+json")
        let json = (try? answer.json()) ?? .null
        #expect(json["status"]?.integer == Int64(status))
        #expect(json["trace_id"]?.string?.count == 32 && json["trace_id"]?.string == answer.headers["x-trace-id"])
        #expect(json["request_id"]?.string == answer.headers["x-request-id"])
    }
}
