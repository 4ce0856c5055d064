import Encoding
import HTTP
import OTelSDK
import ServiceTesting
import Testing
import Tracing

@testable import Gateway

/// Spans and metrics follow OpenTelemetry's semantic conventions and reveal no secrets.
@Suite("The semantic conventions of spans and metrics")
struct SemanticConventionsTests {
    /// Sends one request through a gateway on a socket, to an upstream that answers `status`.
    private func telemetry(
        of path: String, answered status: Int = 200, upstream address: @escaping @Sendable (String) -> String = { $0 },
        headers: HTTPFields = [:]
    ) async throws -> (app: TestApplication, metrics: String, passed: Request?) {
        let upstream = try await FakeUpstream { _ in .text("{}", status: HTTPStatus(code: status)) }
        let url = address(upstream.url)
        let app = TestApplication(GatewayService.self, environment: ["TASKS_URL": url, "PAYMENTS_URL": url])
        let metrics = try await app.test(.live) { client in
            _ = try await client.execute(uri: path, headers: headers)
            return String(decoding: try await client.execute(uri: "/metrics").body, as: UTF8.self)
        }
        await upstream.stop()
        return (app, metrics, upstream.requests.first)
    }

    private func samples(_ metrics: String, _ name: String) -> [Substring] {
        metrics.split(separator: "\n").filter { $0.hasPrefix(name + "{") }
    }

    @Test func spansHaveTheirRequiredAttributes() async throws {
        let (app, _, _) = try await telemetry(of: "/v1/tasks?limit=5&sig=abc")
        let server = try #require(app.spans.spans.first { $0.kind == .server })
        let client = try #require(app.spans.spans.first { $0.kind == .client })
        #expect(server.attributes["http.request.method"] == "GET")
        #expect(server.attributes["url.path"] == "/v1/tasks" && server.attributes["url.scheme"] == "http")
        #expect(server.attributes["url.query"] == "limit=5&sig=REDACTED")
        #expect(server.attributes["http.route"] == "/v1/tasks")
        #expect(
            server.attributes["server.address"] == "127.0.0.1" && server.attributes["client.address"] == "127.0.0.1")
        #expect(server.attributes["network.protocol.version"] == "1.1")
        guard case .int64(let port)? = server.attributes["server.port"] else {
            Issue.record("server.port is a number")
            return
        }
        #expect(port > 0 && port != 80)
        #expect(client.attributes["server.address"] == "127.0.0.1" && client.attributes["server.port"] != nil)
        #expect(client.attributes["network.protocol.version"] == "1.1")
        #expect(client.attributes["service.peer.name"] == "tasks")
        for span in [server, client] {
            #expect(span.attributes["peer.service"] == nil)
            #expect(!String(describing: span.attributes).contains("abc"), "a signature is shown")
        }
    }

    @Test func metricsHaveTheirRequiredAttributes() async throws {
        let (_, metrics, _) = try await telemetry(of: "/v1/tasks")
        let server = samples(metrics, "http_server_request_duration_seconds_count")
        #expect(!server.isEmpty)
        for sample in server + samples(metrics, "http_server_active_requests") {
            #expect(sample.contains("http_request_method=\"GET\"") || sample.contains("http_request_method=\"POST\""))
            #expect(sample.contains("url_scheme=\"http\""))
        }
        #expect(samples(metrics, "http_server_active_requests").count == 2)
        let client = try #require(samples(metrics, "http_client_request_duration_seconds_count").first)
        for label in [
            "http_request_method=\"GET\"", "server_address=\"127.0.0.1\"", "server_port=",
            "service_peer_name=\"tasks\"",
        ] {
            #expect(client.contains(label), "\(label) is missing in \(client)")
        }
        #expect(!metrics.contains("peer_service"))
    }

    /// The status code already says it.
    @Test func aServerErrorHasNoDescription() async throws {
        let (app, _, _) = try await telemetry(of: "/v1/tasks", answered: 500)
        let server = try #require(app.spans.spans.first { $0.kind == .server })
        let client = try #require(app.spans.spans.first { $0.kind == .client })
        for span in [server, client] { #expect(span.status?.code == .error && span.status?.message == nil) }
        #expect(server.attributes["error.type"] == "502" && client.attributes["error.type"] == "500")
    }

    /// A name and password in the URL of an upstream are sent to it and appear nowhere else.
    @Test func credentialsAreUsedAndNotRecorded() async throws {
        let (app, metrics, passed) = try await telemetry(
            of: "/v1/tasks",
            upstream: { $0.replacing("http://", with: "http://robot:s3cr%40t@") })
        #expect(passed?.headers["authorization"] == "Basic " + Base64.string(Array("robot:s3cr@t".utf8)))
        let client = try #require(app.spans.spans.first { $0.kind == .client })
        guard case .string(let url)? = client.attributes["url.full"] else {
            Issue.record("url.full is a text")
            return
        }
        #expect(url.hasPrefix("http://REDACTED:REDACTED@127.0.0.1:") && url.hasSuffix("/v1/tasks"))
        #expect(client.attributes["server.address"] == "127.0.0.1")
        let lines = app.logs.entries.map { String(describing: $0) }.joined(separator: "\n")
        for text in [metrics, lines, String(describing: app.spans.spans)] {
            #expect(!text.contains("s3cr") && !text.contains("robot"))
        }
    }

    @Test func anUnreachableUpstreamErrorShowsNoPassword() async throws {
        let (app, metrics, _) = try await telemetry(
            of: "/v1/tasks", upstream: { _ in "http://robot:s3cret@127.0.0.1:1" })
        let lines = app.logs.entries.map { String(describing: $0) }.joined(separator: "\n")
        #expect(lines.contains("could not connect"))
        for text in [metrics, lines, String(describing: app.spans.spans)] { #expect(!text.contains("s3cret")) }
    }
}
