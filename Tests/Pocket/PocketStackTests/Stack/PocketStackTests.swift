import Configuration
import Encoding
import EventLoop
import Foundation
import HTTP
import Logging
import Metrics
import Testing
import Vocabulary

@testable import PocketStack

/// A pocket stack on free ports, with its files in a folder of its own.
struct LiveStack {
    let loop: EventLoop
    let stack: PocketStack
    let client: HTTPClient
    let folder: URL

    static func run(folder: URL? = nil, _ body: (LiveStack) async throws -> Void) async throws {
        let own = FileManager.default.temporaryDirectory.appending(path: "pocket-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: own) }
        let folder = folder ?? own
        let loop = try EventLoop(name: "pocket")
        try loop.start()
        defer { loop.stop() }
        let live = LiveStack(
            loop: loop,
            stack: PocketStack(
                configuration: try configuration(folder), eventLoop: loop, logger: .noOp, metrics: NOOPMetricsHandler(),
                exposition: { _ in .text("metric 1\n") }),
            client: HTTPClient(eventLoop: loop), folder: folder)
        try await live.stack.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(live)) } catch { result = .failure(error) }
        await live.client.shutdown()
        await live.stack.shutdown()
        try result.get()
    }

    static func configuration(_ folder: URL, _ more: [String: String] = [:]) throws -> PocketConfiguration {
        var variables = [
            "LOKI_PORT": "0", "TEMPO_PORT": "0", "OTLP_HTTP_PORT": "0", "CONSOLE_PORT": "0",
            "DATA_DIR": folder.appending(path: "data").path, "LOG_DIR": folder.appending(path: "logs").path,
        ]
        variables.merge(more) { $1 }
        return try PocketConfiguration(environment: Configuration.Environment(variables))
    }

    func get(_ port: KeyPath<PocketPorts, Int>, _ path: String) async throws -> HTTPClient.Response {
        try await client.execute(HTTPClient.Request(url: "http://127.0.0.1:\(stack.ports[keyPath: port])\(path)"))
    }

    func push(_ json: String) async throws -> HTTPClient.Response {
        try await client.execute(
            HTTPClient.Request(
                method: .post, url: "http://127.0.0.1:\(stack.ports.otlpHTTP)/v1/traces",
                headers: ["content-type": "application/json"], body: Array(json.utf8)))
    }

    /// Asks again until `fits` holds, at most ten seconds.
    func eventually(
        _ port: KeyPath<PocketPorts, Int>, _ path: String, _ fits: (String) -> Bool
    ) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let body = String(decoding: try await get(port, path).body, as: UTF8.self)
            if fits(body) || ContinuousClock.now > deadline { return body }
            try await loop.sleep(for: .milliseconds(20))
        }
    }
}

@Suite("The pocket stack") struct PocketStackTests {
    @Test func everyRoleAnswersOnItsPort() async throws {
        try await LiveStack.run { (live) async throws in
            #expect(Set([live.stack.ports.loki, live.stack.ports.tempo, live.stack.ports.otlpHTTP]).count == 3)
            #expect(try await live.get(\.loki, "/ready").status == .ok)
            #expect(try await live.get(\.tempo, "/ready").status == .ok)
            for path in ["/", "/healthz", "/readyz", "/metrics", "/api/health"] {
                #expect(try await live.get(\.console, path).status == .ok, "\(path)")
            }
            #expect(try await live.get(\.otlpHTTP, "/v1/traces").status == .methodNotAllowed)
        }
    }

    @Test func spansCanBeReadOnceTheyAreAcknowledged() async throws {
        try await LiveStack.run { (live) async throws in
            // A live stack has the machine's clock and forgets what is older than its retention.
            let now = UInt64(Date().timeIntervalSince1970 * 1000) * 1_000_000
            for index in 1...20 {
                let trace = String(repeating: "a", count: 30) + String(index + 10)
                #expect(try await live.push(TraceFixture.span(trace: trace, start: now)).status == .ok)
                #expect(try await live.get(\.tempo, "/api/traces/\(trace)").status == .ok)
            }
        }
    }

    @Test func aTraceIsFoundWithItsLogLines() async throws {
        try await LiveStack.run { (live) async throws in
            let now = UInt64(Date().timeIntervalSince1970 * 1000) * 1_000_000
            let span = TraceFixture.span(service: "gateway", name: "GET /v1/tasks", start: now)
            #expect(try await live.push(span).status == .ok)
            let logs = live.folder.appending(path: "logs/gateway")
            try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
            let line = #"""
                {"timestamp":"\#(RFC3339.string(nanosecondsSinceEpoch: now))","level":"info","service":"gateway",\#
                "message":"task accepted <here>","trace_id":"0195af3c8d2e4b7f9a6c1e5d70f2b384",\#
                "span_id":"7085d31e4a9fbc26"}

                """#
            try Data(line.utf8).write(to: logs.appending(path: "gateway.log"))
            let path = "/trace/0195af3c8d2e4b7f9a6c1e5d70f2b384"
            let page = try await live.eventually(\.console, path) { $0.contains("task accepted") }
            #expect(page.contains("task accepted &lt;here&gt;"))
            #expect(page.contains("1 log line"))
            let home = try await live.eventually(\.console, "/") { $0.contains("task accepted") }
            #expect(home.contains("<a href=\"/trace/0195af3c8d2e4b7f9a6c1e5d70f2b384#span-7085d31e4a9fbc26\">"))
        }
    }

    @Test func storedDataSurvivesARestart() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pocket-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let now = UInt64(Date().timeIntervalSince1970 * 1000) * 1_000_000
        try await LiveStack.run(folder: folder) { (live) async throws in
            #expect(try await live.push(TraceFixture.span(start: now)).status == .ok)
        }
        // A clean end leaves no write-ahead log behind.
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "data").path)
        #expect(files == ["pocket.sqlite"])
        try await LiveStack.run(folder: folder) { (live) async throws in
            #expect(try await live.get(\.tempo, "/api/traces/0195af3c8d2e4b7f9a6c1e5d70f2b384").status == .ok)
        }
    }

    @Test func anOccupiedPortIsNamedAndLeavesNothingOpen() async throws {
        try await LiveStack.run { (live) async throws in
            let taken = live.stack.ports.tempo
            let folder = live.folder.appending(path: "second")
            let configuration = try LiveStack.configuration(folder, ["TEMPO_PORT": "\(taken)"])
            let second = PocketStack(
                configuration: configuration, eventLoop: live.loop, logger: .noOp, metrics: NOOPMetricsHandler())
            let error = await #expect(throws: PocketStackError.self) { try await second.start() }
            let text = error?.description ?? ""
            #expect(text.hasPrefix("cannot listen on 127.0.0.1:\(taken) for Tempo: "), "\(text)")
            #expect(text.hasSuffix("stop what uses the port or choose another with TEMPO_PORT"), "\(text)")
        }
    }

    @Test func aDatabaseThatCannotBeOpenedIsNamed() async throws {
        let loop = try EventLoop(name: "pocket")
        try loop.start()
        defer { loop.stop() }
        var configuration = try LiveStack.configuration(URL(filePath: "/tmp"))
        configuration.database = "/proc/no/such/folder/pocket.sqlite"
        let stack = PocketStack(
            configuration: configuration, eventLoop: loop, logger: .noOp, metrics: NOOPMetricsHandler())
        let error = await #expect(throws: PocketStackError.self) { try await stack.start() }
        #expect(error?.description.hasPrefix("cannot open the database /proc/no/such/folder/pocket.sqlite: ") == true)
    }

    @Test func runEndsWhenItIsCancelled() async throws {
        try await LiveStack.run { (live) async throws in
            let folder = live.folder.appending(path: "second")
            let stack = PocketStack(
                configuration: try LiveStack.configuration(folder), eventLoop: live.loop, logger: .noOp,
                metrics: NOOPMetricsHandler())
            try await stack.start()
            let port = stack.ports.tempo
            let running = Task { try await stack.run() }
            running.cancel()
            try await running.value
            await #expect(throws: HTTPClientError.self) {
                try await live.client.execute(HTTPClient.Request(url: "http://127.0.0.1:\(port)/ready"))
            }
            await #expect(throws: PocketStackError.self) { try await stack.start() }
        }
    }

    @Test(arguments: [
        ["LOKI_PORT": "70000"], ["RETENTION": "soon"], ["RETENTION": "1ms"], ["RETENTION_SIZE": "12"],
        ["GATEWAY_URL": "gateway"],
    ])
    func anInvalidSettingIsNamed(variables: [String: String]) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try PocketConfiguration(environment: Configuration.Environment(variables))
        }
        #expect(error?.description.hasPrefix("\(variables.keys.first ?? "")=") == true)
    }

    @Test func settingsHaveDefaultsAndAreReadFromTheEnvironment() throws {
        let defaults = try PocketConfiguration(environment: Configuration.Environment([:]))
        #expect(defaults.ports == PocketPorts(loki: 3100, tempo: 3200, otlpHTTP: 4318, console: 3000))
        #expect(defaults.database == "data/pocket.sqlite" && defaults.logDirectory == "logs")
        #expect(defaults.services[.payments] == "http://127.0.0.1:8083")
        let chosen = try PocketConfiguration(
            environment: Configuration.Environment([
                "HOST": "0.0.0.0", "POCKET_DATA": "/x/y.db", "LOG_DIR": "/l", "RETENTION": "90m",
                "RETENTION_SIZE": "2GiB", "TASKS_URL": "http://127.0.0.1:9/",
            ]))
        #expect(chosen.host == "0.0.0.0" && chosen.database == "/x/y.db" && chosen.logDirectory == "/l")
        #expect(chosen.maximumAge == .seconds(5400) && chosen.maximumBytes == 2 << 30)
        #expect(chosen.services[.tasks] == "http://127.0.0.1:9")
    }
}
