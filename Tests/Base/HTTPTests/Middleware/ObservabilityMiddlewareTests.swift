import Logging
import Testing
import Tracing

@testable import HTTP

/// Most of what a request's span and metric say is prepared. It must be what is said without.
@Suite("The observability middleware")
struct ObservabilityMiddlewareTests {
    private let tracer = RecordingTracer()
    private let metrics = CountingMetrics()

    private func respond(to requests: [Request]) async throws {
        let router = Router()
        router.add(
            middleware: ObservabilityMiddleware(
                tracer: tracer, metrics: metrics, quietRoutes: ["/livez"], randomUInt64: { 1 }))
        router.get("/livez") { _, _ in Response() }
        router.get("/v1/tasks") { _, _ in Response() }
        router.post("/v1/tasks") { request, _ in Response(status: request.body.isEmpty ? .badRequest : .created) }
        router.get("/v1/tasks/{id}") { _, _ in Response() }
        router.on("/v1/tasks", method: HTTPMethod(rawValue: "PURGE")) { _, _ in Response() }
        let responder = router.buildResponder()
        for request in requests {
            let context = RequestContext(logger: .noOp)
            let response = try await responder.respond(to: request, context: context)
            context.completion.complete(
                ResponseCompletion.Outcome(written: true, status: response.status, bodySize: 0))
        }
    }

    private func request(
        _ uri: String, _ method: HTTPMethod = .get, agent: String? = "curl", from address: String = "::1"
    ) -> Request {
        var headers: HTTPFields = ["host": "gateway:8080", "x-request-id": "r-1"]
        headers["user-agent"] = agent
        return Request(method: method, uri: uri, headers: headers, remoteAddress: address)
    }

    private func sorted(_ attributes: SpanAttributes) -> [String] {
        attributes.map { "\($0.key)=\($0.value)" }.sorted()
    }

    private func expected(_ attributes: SpanAttributes) -> [String] {
        var all: SpanAttributes = [
            "http.request.method": "GET", "url.scheme": "http", "server.address": "gateway", "server.port": 8080,
            "network.protocol.version": "1.1", "client.address": "::1", "user_agent.original": "curl",
            "tailspan.request.id": "r-1", "http.response.status_code": 200,
        ]
        all.merge(attributes)
        return sorted(all)
    }

    @Test func spansOfARouteHaveAllAttributes() async throws {
        try await respond(to: [request("/v1/tasks?limit=5&sig=abc"), request("/v1/tasks"), request("/v1/tasks/7")])
        #expect(tracer.spans.map(\.operation) == ["GET /v1/tasks", "GET /v1/tasks", "GET /v1/tasks/{id}"])
        let spans = tracer.spans.map { sorted($0.attributes) }
        #expect(
            spans == [
                expected([
                    "http.route": "/v1/tasks", "url.path": "/v1/tasks", "url.query": "limit=5&sig=REDACTED",
                ]), expected(["http.route": "/v1/tasks", "url.path": "/v1/tasks"]),
                expected(["http.route": "/v1/tasks/{id}", "url.path": "/v1/tasks/7"]),
            ])
        #expect(tracer.spans.map(\.endCount) == [1, 1, 1])
    }

    /// Only a few peers are told apart in advance.
    @Test func everyPeerAppearsOnItsOwnSpans() async throws {
        let peers = (0..<20).map { ($0 % 10 == 9 ? nil : "agent-\($0 % 10)", "10.0.0.\($0 % 7)") }
        try await respond(to: peers.map { request("/v1/tasks", agent: $0, from: $1) })
        for (span, peer) in zip(tracer.spans, peers) {
            var attributes = SpanAttributes(
                PreparedAttributes([
                    "http.route": "/v1/tasks", "url.path": "/v1/tasks", "client.address": .string(peer.1),
                ]))
            if let agent = peer.0 { attributes["user_agent.original"] = .string(agent) }
            let all = expected(attributes).filter { peer.0 != nil || !$0.hasPrefix("user_agent") }
            #expect(sorted(span.attributes) == all)
        }
    }

    @Test func otherMethodsAreNamedAsBefore() async throws {
        try await respond(to: [
            request("/v1/tasks", .head), request("/v1/tasks", HTTPMethod(rawValue: "PURGE")),
            request("/v1/tasks", .delete), request("/nowhere", .get),
        ])
        #expect(tracer.spans.map(\.operation) == ["HEAD /v1/tasks", "HTTP /v1/tasks", "DELETE /v1/tasks", "GET"])
        #expect(
            tracer.spans.map { $0.attributes["http.request.method"] } == ["HEAD", "_OTHER", "DELETE", "GET"])
        #expect(tracer.spans[1].attributes["http.request.method_original"] == "PURGE")
        #expect(tracer.spans.map { $0.attributes["http.route"] } == ["/v1/tasks", "/v1/tasks", "/v1/tasks", nil])
    }

    @Test func eachRouteMethodAndStatusHasItsOwnSeries() async throws {
        var created = request("/v1/tasks", .post)
        created.body = [1]
        try await respond(to: [
            created, created, request("/v1/tasks", .post), request("/v1/tasks"), request("/v1/tasks", .head),
            request("/v1/tasks/1"), request("/v1/tasks/2"), request("/nowhere"), request("/livez"),
        ])
        func key(_ method: String, _ status: Int, _ route: String?) -> String {
            "http.request.method=\(method),http.response.status_code=\(status),"
                + (route.map { "http.route=\($0)," } ?? "") + "url.scheme=http"
        }
        #expect(
            metrics.histograms == [
                key("POST", 201, "/v1/tasks"): 2, key("POST", 400, "/v1/tasks"): 1, key("GET", 200, "/v1/tasks"): 1,
                key("HEAD", 200, "/v1/tasks"): 1, key("GET", 200, "/v1/tasks/{id}"): 2, key("GET", 404, nil): 1,
            ])
        #expect(tracer.spans.count == 8)
    }
}
