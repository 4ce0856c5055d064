import EventLoop
import HTTP
import Logging
import Testing

@testable import Verification

@Suite("The client of Grafana") struct GrafanaClientTests {
    /// A Grafana on a socket that gives one answer, and what it was asked.
    private func ask(
        _ credentials: GrafanaCredentials? = nil, path: String = "",
        _ answer: @escaping @Sendable (Request) -> Response
    ) async throws -> [DataSource] {
        let router = Router()
        router.get("/api/datasources") { request, _ in answer(request) }
        router.get("/sub/api/datasources") { request, _ in answer(request) }
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = HTTPServer(
            configuration: .init(), responder: router.buildResponder(), eventLoop: loop, logger: .noOp)
        let client = HTTPClient(eventLoop: loop)
        try await server.start()
        let result: Result<[DataSource], any Error>
        do {
            let grafana = GrafanaClient(
                baseURL: "http://127.0.0.1:\(server.port)\(path)", credentials: credentials, transport: client)
            result = .success(try await grafana.dataSources())
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await server.shutdown()
        return try result.get()
    }

    private func complaint(
        _ status: HTTPStatus, _ body: String, type: String = "application/json", location: String? = nil,
        _ credentials: GrafanaCredentials? = nil
    ) async -> String {
        do {
            _ = try await ask(credentials) { _ in
                var headers: HTTPFields = ["content-type": type]
                if let location { headers["location"] = location }
                return Response(status: status, headers: headers, body: Array(body.utf8))
            }
            return "no error"
        } catch let error as BackendError {
            return error.reason
        } catch {
            return "another error: \(error)"
        }
    }

    @Test(arguments: ["", "/sub", "/sub/"])
    func theDataSourcesAreRead(path: String) async throws {
        let sources = try await ask(path: path) { _ in
            Response(
                status: .ok, headers: ["content-type": "application/json"],
                body: Array(RecordedGrafana.dataSources.utf8))
        }
        #expect(sources.map(\.uid) == ["loki", "tempo", "prometheus"])
        let fields = sources[0].derivedFields
        #expect(fields.map(\.matcher) == [.label])
        #expect(fields.map(\.expression) == ["^trace_id$"])
        #expect(fields.allSatisfy { $0.datasourceUID == "tempo" && $0.url == "${__value.raw}" })
        #expect(sources[1].tracesToLogs == [DataSource].good[1].tracesToLogs)
        #expect(sources[1].traceQuery == .init(isShifted: true, startShift: "1h", endShift: "2h"))
        #expect(sources[1].serviceMapUID == "prometheus")
        #expect(sources[1].spanBarTag == "http.response.status_code")
        #expect(sources[1].tracesToMetrics == [DataSource].good[1].tracesToMetrics)
        #expect(
            sources[2]
                == DataSource(name: "Prometheus", uid: "prometheus", type: "prometheus", url: "http://prometheus:9090"))
    }

    @Test(
        arguments: [
            (GrafanaCredentials.token("glsa_x"), "Bearer glsa_x"),
            (.user("admin", password: "pa:ss"), "Basic YWRtaW46cGE6c3M="), (nil, "none"),
        ] as [(GrafanaCredentials?, String)])
    func theClientSendsItsCredentials(_ credentials: GrafanaCredentials?, _ expected: String) async throws {
        let error = await #expect(throws: BackendError.self) {
            try await ask(credentials) { request in
                Response(
                    status: .badGateway, headers: [:], body: Array((request.headers["authorization"] ?? "none").utf8))
            }
        }
        #expect(error?.reason == "answered 502: " + expected)
    }

    @Test func refusedCredentialsGetAdvice() async {
        let anonymous = await complaint(.unauthorized, RecordedGrafana.unauthorized)
        #expect(anonymous.hasPrefix("answered 401: set GRAFANA_ADMIN_PASSWORD"))
        let wrong = await complaint(.unauthorized, RecordedGrafana.unauthorized, .user("admin", password: "x"))
        #expect(wrong.hasPrefix("answered 401: the credentials are those of user admin; check"))
        let viewer = await complaint(.forbidden, RecordedGrafana.forbidden)
        #expect(viewer.contains("somebody without credentials may not read data sources; that takes the role Admin"))
        let token = await complaint(.forbidden, RecordedGrafana.forbidden, .token("t"))
        #expect(token.contains("403: the token's account may not read data sources"))
        for text in [anonymous, wrong, viewer, token] { #expect(text.contains("GRAFANA_TOKEN")) }
    }

    @Test func anotherServerIsNotTakenForGrafana() async {
        let nothing = await complaint(.notFound, RecordedGrafana.notFound)
        #expect(nothing == "answered 404 to /api/datasources: is Grafana there, and served under that path?")
        let page = await complaint(.ok, RecordedGrafana.page, type: "text/html; charset=UTF-8")
        #expect(page == "the answer is no list of data sources (text/html; charset=UTF-8): is that Grafana's address?")
        let object = await complaint(.ok, "{}")
        #expect(object.hasPrefix("the answer is no list of data sources"))
        let moved = await complaint(HTTPStatus(code: 302), "", location: "/grafana/login")
        #expect(moved == "redirects to /grafana/login: give the address that it redirects to")
        #expect(await complaint(.ok, #"[{"uid":"x"}]"#) == "a data source without a type")
        #expect(await complaint(.internalServerError, "oops") == "answered 500: oops")
    }

    @Test func anUnreachableGrafanaIsReported() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        // A port that was free a moment ago.
        let server = HTTPServer(
            configuration: .init(), responder: Router().buildResponder(), eventLoop: loop, logger: .noOp)
        try await server.start()
        let url = "http://127.0.0.1:\(server.port)"
        await server.shutdown()
        let client = HTTPClient(eventLoop: loop)
        let error = await #expect(throws: BackendError.self) {
            try await GrafanaClient(baseURL: url, credentials: nil, transport: client).dataSources()
        }
        await client.shutdown()
        #expect(error?.backend == "Grafana")
        #expect(error?.url == url)
    }
}
