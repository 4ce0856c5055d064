import Encoding
import HTTP
import PocketStack
import ServiceTesting
import Testing

@testable import FileSystem
@testable import Supervision

extension RealProcesses {
    @Suite("The tenant that commands and services send to Loki and Tempo")
    struct TenantTests {
        private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"

        /// Each command that asks a store or sends spans; it ends however it ends, since its store is an empty one.
        private static let asking: [[String]] = [
            ["logs"], ["logs", "--trace", "4bf92f35"], ["trace", id, "--wait", "0s"], ["trace", "--last"],
            ["fault", "explain", "tasks:latency=1ms", "--trace", "4bf92f35"],
            ["incident", "replay", "--trace", "4bf92f35"],
        ]

        /// Plays gateway and services, Loki, Tempo and who takes spans.
        private static func withStore(_ body: (FakeUpstream) async throws -> Void) async throws {
            let store = try await FakeUpstream { request in
                if request.path.hasPrefix("/loki/") {
                    return Response(
                        status: .ok,
                        body: Array(#"{"status":"success","data":{"resultType":"streams","result":[]}}"#.utf8))
                }
                if request.path == "/api/search" { return Response(body: Array(#"{"traces":[]}"#.utf8)) }
                if request.path.hasPrefix("/api/") { return nil }
                return Response(status: request.path == "/v1/tasks" ? .created : .ok)
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(store)) } catch { result = .failure(error) }
            await store.stop()
            try result.get()
        }

        /// The tenants that were named to the stores since `count` requests: of what was asked, and of spans that were sent.
        private static func named(to store: FakeUpstream, since count: Int = 0) -> [String] {
            store.requests.dropFirst(count).filter {
                $0.path.hasPrefix("/loki/") || $0.path.hasPrefix("/api/")
                    || ($0.path.hasPrefix("/v1/traces") && $0.method == .post)
            }.map { $0.headers["x-scope-orgid"] ?? "none" }
        }

        private static func stores(_ store: FakeUpstream) -> [String] { ["--loki", store.url, "--tempo", store.url] }

        @Test("Queries name the tenant of the option, else of the variable, else none")
        func queriesNameTheTenantOfOptionOrVariable() async throws {
            try await Self.withStore { store in
                for command in Self.asking {
                    let arguments = command + (command[0] == "logs" ? ["--loki", store.url] : Self.stores(store))
                    // One way in for all of them: it is enough to go each way with one.
                    let ways = [
                        (["--tenant", "room-a"], "room-b", "room-a"), ([], "room-b", "room-b"), ([], "", "none"),
                    ]
                    for (option, variable, expected) in command == ["logs"] ? ways : Array(ways.prefix(1)) {
                        let count = store.requests.count
                        _ = try await withLoop { loop in
                            try await Programs.run(arguments + option, environment: ["TENANT": variable], on: loop)
                        }
                        let named = Self.named(to: store, since: count)
                        #expect(!named.isEmpty && Set(named) == [expected], "\(command) \(option): \(named)")
                    }
                }
            }
        }

        @Test("Spans are sent with the tenant, and other requests without it")
        func spansNameTheTenantAndRequestsDoNot() async throws {
            try await Self.withStore { store in
                let services = ["gateway", "tasks", "executor", "payments"].flatMap { ["--" + $0, store.url] }
                for command in [
                    ["load", "--requests", "1", "--url", store.url],
                    ["verify", "--requests", "1", "--deadline", "1s", "--settle", "0s", "--provisioning", "none"]
                        + services + Self.stores(store),
                ] {
                    let count = store.requests.count
                    let outcome = try await withLoop { loop in
                        try await Programs.run(command + ["--otlp", store.url, "--tenant", "room-a"], on: loop)
                    }
                    let sent = store.requests.dropFirst(count)
                    #expect(
                        sent.contains { $0.path == "/v1/traces" && $0.method == .post },
                        "\(outcome.output) \(outcome.errors)")
                    #expect(Set(Self.named(to: store, since: count)) == ["room-a"])
                    #expect(sent.filter { $0.path == "/v1/tasks" }.allSatisfy { $0.headers["x-scope-orgid"] == nil })
                }
            }
        }

        @Test("Symptoms are checked in the tenant of the run unless another one is named")
        func symptomsAreCheckedInTheTenantOfTheRun() async throws {
            try await Self.withStore { store in
                try await withTemporaryFolder { folder in
                    let name = "unsettled-tasks"
                    try Files.makeFolder("\(folder)/\(name)")
                    try Files.write(
                        """
                        {"incident":"\(name)","mode":"attached","window":{"start_ns":1,"end_ns":2000000000},"seed":1,
                        "loki":"\(store.url)","tempo":"\(store.url)","tenant":"room-b"}
                        """, to: "\(folder)/\(name)/run.json")
                    let incidents =
                        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/incidents"
                    for (option, expected) in [([], "room-b"), (["--tenant", "room-c"], "room-c")] {
                        let count = store.requests.count
                        _ = try await withLoop { loop in
                            try await Programs.run(
                                ["incident", "check", name, "--runs", folder, "--incidents", incidents, "--wait", "0s"]
                                    + option, on: loop)
                        }
                        #expect(Set(Self.named(to: store, since: count)) == [expected])
                    }
                }
            }
        }

        @Test(
            "An empty or invalid tenant is a usage error",
            arguments: [
                ["logs"], ["trace", id], ["verify"], ["load"], ["doctor"], ["up", "--stack", "external"],
                ["incident", "run", "unsettled-tasks"], ["incident", "check", "unsettled-tasks"],
                ["incident", "replay", "--trace", id], ["fault", "explain", "tasks:latency=1ms", "--trace", id],
            ])
        func anInvalidTenantIsAUsageError(_ command: [String]) async throws {
            for name in ["", "room a", ".."] {
                let outcome = try await withLoop { try await Programs.run(command + ["--tenant", name], on: $0) }
                #expect(outcome.exit == .code(2))
                #expect(outcome.errors.joined().contains("--tenant: expected 1 to 150 letters, digits or any of"))
            }
            let outcome = try await withLoop {
                try await Programs.run(command, environment: ["TENANT": "room a"], on: $0)
            }
            #expect(outcome.exit == .code(2))
            #expect(outcome.errors.joined().contains("TENANT=room a: expected 1 to 150 letters, digits or any of"))
        }

        @Test("The pocket stack accepts any tenant and keeps none apart")
        func thePocketStackIgnoresTenants() async throws {
            try await withTemporaryFolder { folder in
                try await withPocket(data: folder, logs: folder + "/logs") { pocket in
                    let record = """
                        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"x"}}]},
                        "scopeLogs":[{"logRecords":[{"timeUnixNano":"\(WallClock.system.now())",
                        "body":{"stringValue":"of room a"}}]}]}]}
                        """
                    let loki = "http://127.0.0.1:\(pocket.stack.ports.loki)"
                    var push = HTTPClient.Request(method: .post, url: loki + "/otlp/v1/logs")
                    push.headers = ["content-type": "application/json", "x-scope-orgid": "room-a"]
                    push.body = Array(record.utf8)
                    #expect(try await pocket.client.execute(push, timeout: .seconds(5)).status.isSuccess)
                    let query = PercentEncoding.encode(#"{service_name="x"}"#)
                    for tenant in ["room-a", "room-b", ""] {
                        var request = HTTPClient.Request(url: "\(loki)/loki/api/v1/query_range?query=\(query)")
                        request.headers = ["x-scope-orgid": tenant]
                        let asked = request
                        try await eventually(within: .seconds(5), "the line, asked for by '\(tenant)'") {
                            let answer = try? await pocket.client.execute(asked, timeout: .seconds(5))
                            return String(decoding: answer?.body ?? [], as: UTF8.self).contains("of room a")
                        }
                    }
                }
            }
        }

        @Test("The services of up send spans as its tenant, and commands beside it find the tenant")
        func servicesAndCommandsShareTheTenantOfUp() async throws {
            try await Self.withStore { store in
                try await RunningUp.with(
                    arguments: ["--stack", "external", "--otlp", store.url, "--tenant", "room-a"] + Self.stores(store)
                ) { loop, up in
                    let client = HTTPClient(eventLoop: loop)
                    _ = try await client.get((up.urls["gateway"] ?? "") + "/v1/tasks/none")
                    await client.shutdown()
                    try await eventually(within: .seconds(10), "spans") {
                        store.requests.contains { $0.path == "/v1/traces" && $0.method == .post }
                    }
                    #expect(Set(Self.named(to: store)) == ["room-a"])
                    let count = store.requests.count
                    _ = try await Programs.run(["logs", "--environment", up.folder], on: loop)
                    #expect(Set(Self.named(to: store, since: count).filter { $0 != "none" }) == ["room-a"])
                    #expect(store.requests.dropFirst(count).contains { $0.path.hasPrefix("/loki/") })
                }
            }
        }
    }
}
