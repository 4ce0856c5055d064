import Encoding
import HTTP
import PocketStack
import ServiceTesting
import Terminal
import Testing
import Verification
import Vocabulary

@testable import FileSystem
@testable import Supervision
@testable import Workload
@testable import tailspan

extension RealProcesses {
    @Suite("The root spans that commands send")
    struct RootSpansTests {
        private static let thirty = ["load", "--requests", "30", "--seed", "7", "--rate", "200"]
        private static let five = ["load", "--requests", "5", "--seed", "3", "--rate", "200", "--mix", "sync=1"]

        private static func planned() throws -> [PlannedRequest] {
            let plan = try LoadPlan(seed: 7, rate: 200, limit: .requests(30))
            return Array(plan.requests)
        }

        @Test("Every trace of a load has one root, a CLIENT span with the planned ids, and the search names it")
        func everyTraceOfALoadHasOneRoot() async throws {
            try await withTemporaryFolder { folder in
                try await withPocket(data: folder, logs: folder + "/logs") { pocket in
                    let environment = [
                        "OTEL_EXPORTER_OTLP_ENDPOINT": pocket.otlp, "OTEL_BSP_SCHEDULE_DELAY": "50",
                        "LOG_STDOUT": "false",
                    ]
                    try await withFourServices(environment: environment, telemetryIsReal: true) { services in
                        let url = services.url(.gateway)
                        let outcome = try await withLoop { loop in
                            try await Programs.run(
                                Self.thirty + ["--url", url, "--otlp", pocket.otlp, "--json"], on: loop)
                        }
                        #expect(outcome.exit == .code(0), "\(outcome.errors)")
                        let report = try JSONValue(parsing: outcome.output.joined(separator: "\n"))
                        #expect(report["spans"]?["recorded"] == 30)
                        #expect(report["spans"]?["exported"] == 30)
                        #expect(report["spans"]?["lost"] == 0)
                        // What the services still have to send.
                        try await services.drain()
                        for request in try Self.planned() { try await Self.judge(request, pocket, url) }
                        try await Self.judgeSearch(pocket)
                    }
                }
            }
        }

        private static func judge(_ request: PlannedRequest, _ pocket: LivePocket, _ url: String) async throws {
            let spans = try #require(try await pocket.tempo.trace(id: request.traceID)).spans
            let known = Set(spans.map(\.spanID))
            let roots = spans.filter { $0.parentSpanID.map { !known.contains($0) } ?? true }
            #expect(roots.count == 1, "\(request.traceID)")
            let root = try #require(roots.first)
            #expect(root.parentSpanID == nil)
            #expect(root.spanID == request.spanID)
            #expect(root.service == "load")
            #expect(root.name == "POST /v1/tasks")
            #expect(root.kind == .client)
            #expect(root.attribute("http.request.method") == "POST")
            #expect(root.attribute("url.full") == url + request.uri)
            #expect(root.attribute("server.address") == "127.0.0.1")
            #expect(root.attribute("server.port") == url.split(separator: ":").last.map(String.init))
            let status = try #require(root.attribute("http.response.status_code").flatMap { Int($0) })
            #expect(request.kind.expects(HTTPStatus(code: status)))
            #expect(root.attribute("error.type") == (status >= 400 ? "\(status)" : nil))
            #expect(root.statusError == (status >= 400))
            // The gateway's span is the root's child, and lies within it.
            let entry = try #require(spans.first { $0.service == "gateway" && $0.kind == .server })
            #expect(entry.parentSpanID == root.spanID)
            #expect(root.startNS <= entry.startNS)
        }

        private static func judgeSearch(_ pocket: LivePocket) async throws {
            let tempo = "http://127.0.0.1:\(pocket.stack.ports.tempo)"
            func traces(_ query: String) async throws -> [JSONValue] {
                let url = "\(tempo)/api/search?limit=100&q=\(PercentEncoding.encode(query))"
                return try #require(try JSONValue(parsing: try await pocket.client.get(url).body)["traces"]?.array)
            }
            let all = try await traces("{}")
            #expect(all.count == 30)
            #expect(Set(all.compactMap { $0["rootServiceName"]?.string }) == ["load"])
            #expect(Set(all.compactMap { $0["rootTraceName"]?.string }) == ["POST /v1/tasks"])
            let below = try await traces(
                #"{ resource.service.name = "load" } >> { resource.service.name = "gateway" }"#)
            #expect(below.count == 30)
        }

        @Test("An unreachable endpoint costs one warning, and the lost spans are counted")
        func anUnreachableEndpointCostsOneWarning() async throws {
            let dead = "http://127.0.0.1:\(try Ports.free(1)[0])"
            try await withGateway { gateway in
                let run = Self.five + ["--url", gateway]
                for (arguments, environment) in [
                    (["--otlp", dead], [:]), ([], ["OTEL_EXPORTER_OTLP_ENDPOINT": dead]),
                ] {
                    let outcome = try await withLoop { loop in
                        try await Programs.run(run + arguments + ["--json"], environment: environment, on: loop)
                    }
                    #expect(outcome.exit == .code(0), "\(outcome.errors)")
                    #expect(outcome.errors.count == 1, "\(outcome.errors)")
                    let begin =
                        "warning: nothing takes load's own spans, the roots of its traces, at \(dead)/v1/traces: could not connect"
                    #expect(outcome.errors.first?.hasPrefix(begin) == true, "\(outcome.errors)")
                    let report = try JSONValue(parsing: outcome.output.joined(separator: "\n"))
                    #expect(report["spans"]?["recorded"] == 5)
                    #expect(report["spans"]?["exported"] == 0)
                    #expect(report["spans"]?["lost"] == 5)
                }
                let told = try await withLoop { loop in try await Programs.run(run + ["--otlp", dead], on: loop) }
                #expect(
                    told.output.contains { $0.contains("5 of 5 own spans did not reach \(dead)") }, "\(told.output)")
            }
        }

        @Test("The load command sends the gateway's token")
        func loadSendsTheGatewaysToken() async throws {
            let gateway = try await FakeUpstream { request in
                let isKnown = request.headers["authorization"] == "Bearer secret"
                return Response(status: request.path == "/healthz" ? .ok : isKnown ? .created : .unauthorized)
            }
            let run = Self.five + ["--url", gateway.url, "--otlp", "none", "--json"]
            for (token, unexpected) in [("secret", 0), ("wrong", 5)] as [(String, Int64)] {
                let outcome = try await withLoop { loop in
                    try await Programs.run(run, environment: ["GATEWAY_TOKEN": token], on: loop)
                }
                let report = try JSONValue(parsing: outcome.output.joined())
                #expect(report["unexpected"]?.integer == unexpected, "\(outcome.errors)")
            }
            await gateway.stop()
        }

        @Test("A remote gateway without an endpoint costs one warning, and all spans count as lost")
        func aRemoteGatewayWithoutAnEndpointCostsOneWarning() async throws {
            let authority = HTTPAuthority("http://gateway.invalid:8080")
            #expect(!authority.isThisMachine)
            try await withLoop { loop in
                let sink = MemorySink()
                let terminal = Terminal(sink: sink)
                for (variables, isWanted) in [([:], true), (["OTEL_SDK_DISABLED": "true"], false)]
                    as [([String: String], Bool)]
                {
                    let tools = Tools(out: terminal, err: terminal, environment: variables)
                    let spans = await RootSpans.open(
                        .load, RootSpanOptions(), gateway: "http://gateway.invalid:8080", nil, tools, loop)
                    #expect((spans != nil) == isWanted)
                    #expect(sink.take().hasPrefix("warning: load's own spans") == isWanted)
                    guard let spans else { continue }
                    struct Nobody: HTTPTransport {
                        func execute(
                            _ request: HTTPClient.Request, timeout: Duration
                        ) async throws -> HTTPClient.Response { throw HTTPClientError.timeout }
                    }
                    let request = try LoadPlan(seed: 1, rate: 1, limit: .requests(1)).request(at: 0)
                    let send = httpTransport(spans.recording(Nobody()), baseURL: "http://gateway.invalid:8080")
                    await #expect(throws: HTTPClientError.self) { try await send(request) }
                    let counts = await spans.finish()
                    #expect(counts.endpoint == nil)
                    #expect(counts.lost == 1)
                    #expect(counts.complaint == "1 of 1 own spans were not sent (no endpoint was given)")
                }
            }
        }

        @Test("The verify, incident run and incident replay commands send their roots too")
        func otherCommandsSendTheirRootsToo() async throws {
            // Twenty times faster than told is more than the queue of one service usually holds.
            try await RunningUp.with(["OTEL_BSP_MAX_QUEUE_SIZE": "20000"]) { loop, up in
                let here = ["--environment", up.folder]
                let tempo = TempoClient(baseURL: up.urls["tempo"] ?? "", transport: HTTPClient(eventLoop: loop))
                func judge(_ id: String, _ service: String) async throws {
                    let spans = try #require(try await tempo.trace(id: id)).spans
                    let known = Set(spans.map(\.spanID))
                    let roots = spans.filter { $0.parentSpanID.map { !known.contains($0) } ?? true }
                    #expect(roots.map(\.service) == [service], "\(id)")
                    #expect(roots.first?.kind == .client)
                    #expect(roots.first?.name == "POST /v1/tasks")
                }
                let verified = try await Programs.run(
                    ["verify", "--requests", "9", "--seed", "77", "--provisioning", "none", "--format", "json"] + here,
                    on: loop)
                #expect(verified.exit == .code(0), "\(verified.output) \(verified.errors)")
                let report = try JSONValue(parsing: verified.output.joined())
                #expect(report["root_spans"]?["exported"] == 9)
                for request in VerificationPlan(seed: 77, count: 9).requests {
                    try await judge(request.traceID, "verify")
                }

                let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
                let runs = up.folder + "/runs"
                let run = try await Programs.run(
                    [
                        "incident", "run", "payment-brownout", "--speed", "20", "--without-faults", "--incidents",
                        repository + "/incidents", "--runs", runs,
                    ] + here, on: loop)
                #expect(run.exit == .code(0), "\(run.output) \(run.errors)")
                #expect(run.output.contains { $0.contains("slowest") && $0.contains("tailspan trace ") })
                let requests = (Files.text(runs + "/unsettled-tasks/requests.ndjson") ?? "").split(separator: "\n")
                let ids = try requests.map { try JSONValue(parsing: String($0))["trace_id"]?.string ?? "" }
                #expect(ids.count > 10)
                for id in ids.prefix(5) + ids.suffix(5) { try await judge(id, "incident") }

                let replayed = try await Programs.run(
                    ["incident", "replay", "--trace", try #require(ids.last), "--json"] + here, on: loop)
                #expect(replayed.exit == .code(0), "\(replayed.output) \(replayed.errors)")
                let after = try JSONValue(parsing: replayed.output.joined())["after"]
                try await judge(try #require(after?["trace_id"]?.string), "incident")
                #expect(after?["spans"]?.integer ?? 0 > 10)
            }
        }

        @Test("The option decides before the variables, and none, an empty endpoint or another exporter sends nothing")
        func theEndpointOptionsDecideWhetherRootsAreSent() async throws {
            let backend = try await FakeUpstream { _ in Response(headers: ["content-type": "application/x-protobuf"]) }
            let variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
            let posts: @Sendable () -> Int = { backend.asked.count { $0 == "POST /v1/traces" } }
            try await withGateway { gateway in
                func run(_ arguments: [String], _ environment: [String: String]) async throws -> [String] {
                    let all = Self.five + ["--url", gateway, "--json"] + arguments
                    let outcome = try await withLoop { loop in
                        try await Programs.run(all, environment: environment, on: loop)
                    }
                    #expect(outcome.exit == .code(0), "\(outcome.errors)")
                    #expect(outcome.errors.isEmpty, "\(outcome.errors)")
                    return outcome.output
                }
                for (arguments, environment) in [
                    (["--otlp", "none"], [variable: backend.url]), ([], [variable: ""]),
                    ([], [variable: backend.url, "OTEL_TRACES_EXPORTER": "none"]),
                    ([], [variable: backend.url, "OTEL_SDK_DISABLED": "true"]),
                ] {
                    let output = try await run(arguments, environment)
                    #expect(try JSONValue(parsing: output.joined(separator: "\n"))["spans"] == nil)
                }
                #expect(backend.asked.isEmpty)
                _ = try await run([], [variable: backend.url])
                #expect(posts() == 1)
                _ = try await run(["--otlp", backend.url], [variable: "http://127.0.0.1:1"])
                #expect(posts() == 2)
            }
            await backend.stop()
        }

        /// Runs `body` beside something that answers as a gateway does.
        private func withGateway(_ body: (String) async throws -> Void) async throws {
            let gateway = try await FakeUpstream { request in
                Response(status: request.path == "/healthz" ? .ok : .created)
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(gateway.url)) } catch { result = .failure(error) }
            await gateway.stop()
            try result.get()
        }
    }
}
