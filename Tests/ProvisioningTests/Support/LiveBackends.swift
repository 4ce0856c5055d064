import Encoding
import EventLoop
import Foundation
import HTTP
import ServiceTesting
import TestTools
import Testing
import Vocabulary

@testable import FileSystem
@testable import Supervision

/// Running services, and backends that take in what they write.
///
/// By itself a test starts the four services and the pocket stack as processes. To ask the real programs instead:
///
/// - `LOKI_URL` and `TEMPO_URL`: where they are;
/// - `OTLP_URL` and `LOG_DIR`: where Tempo takes spans, and the folder whose `*/*.log` Promtail follows. The services are
///   then started by the test. Without `LOG_DIR`, `GATEWAY_URL` names the gateway of services that run already;
/// - `PROMETHEUS_URL`: a Prometheus that scrapes those. Without it the test starts one.
struct LiveBackends: Sendable {
    let loki: String
    let tempo: String
    /// Where spans can be sent.
    let otlp: String
    let gateway: String
    /// `nil` if there is no Prometheus.
    let prometheus: String?
    /// Whether the services were started here, so that requests may bring faults.
    let takesFaults: Bool
    /// Where everything that was started here is; `nil` if nothing was.
    let layout: StackLayout?
    let client: HTTPClient
    /// What the client runs on.
    let loop: EventLoop

    func get(_ url: String) async throws -> JSONValue {
        let response = try await client.execute(HTTPClient.Request(url: url), timeout: .seconds(20))
        guard response.status == .ok else {
            throw Refused(
                isFinal: response.status == .badRequest,
                description: "\(response.status.code) \(String(decoding: response.body.prefix(300), as: UTF8.self))")
        }
        return try JSONValue(parsing: response.body)
    }

    /// The time of Prometheus in seconds, rounded up: a program in Go knows nothing of a clock that `faketime` shifts.
    func prometheusTime() async throws -> UInt64 {
        let answer = try await get((prometheus ?? "") + "/api/v1/query?query=time()")
        return UInt64(answer["data"]?["result"]?[1]?.string.flatMap { Double($0) } ?? 0) + 1
    }

    struct Refused: Error, CustomStringConvertible {
        /// Whether asking again is of no use.
        var isFinal: Bool
        var description: String
    }
}

/// Runs `body` beside services and backends.
/// - Parameter needsPrometheus: whether metrics are asked for, too.
func withLiveBackends(
    needsPrometheus: Bool = true, _ body: @escaping @Sendable (LiveBackends) async throws -> Void
) async throws {
    let loop = try EventLoop(name: "provisioning")
    try loop.start()
    defer { loop.stop() }
    try await Task(executorPreference: loop) {
        let folder = NSTemporaryDirectory() + "tailspan-provisioning-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(folder)
        let client = HTTPClient(eventLoop: loop)
        let result: Result<Void, any Error>
        do {
            result = .success(try await start(in: folder, client, loop, needsPrometheus, body))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        try Files.remove(folder)
        try result.get()
    }.value
}

private func start(
    in folder: String, _ client: HTTPClient, _ loop: EventLoop, _ needsPrometheus: Bool,
    _ body: @Sendable (LiveBackends) async throws -> Void
) async throws {
    let environment = ProcessInfo.processInfo.environment
    var layout = StackLayout(
        stack: .pocket, logFolder: environment["LOG_DIR"] ?? folder + "/logs", dataFolder: folder + "/data")
    layout.use(try Ports.free(StackLayout.portCount))
    if let loki = environment["LOKI_URL"], let tempo = environment["TEMPO_URL"] {
        let otlp = environment["OTLP_URL"] ?? "http://127.0.0.1:\(StackPort.otlpHTTP)"
        layout.stack = .external(otlp: otlp, loki: loki, tempo: tempo, grafana: "")
    }
    if layout.stack != .pocket, environment["LOG_DIR"] == nil {
        let gateway = environment["GATEWAY_URL"] ?? "http://127.0.0.1:\(ServiceRole.gateway.defaultPort)"
        return try await body(
            LiveBackends(
                loki: layout.lokiURL, tempo: layout.tempoURL, otlp: layout.otlpURL, gateway: gateway,
                prometheus: environment["PROMETHEUS_URL"], takesFaults: false, layout: nil, client: client,
                loop: loop))
    }
    let supervisor = ProcessSupervisor(eventLoop: loop, client: client) { _, _ in }
    let session = StackSession(
        layout: layout, supervisor: supervisor, executable: try builtProgram(),
        environment: programEnvironment(["OTEL_BSP_SCHEDULE_DELAY": "100", "FAULTS_FROM_REQUESTS": "true"]))
    var prometheus: PrometheusProcess?
    let result: Result<Void, any Error>
    do {
        try await session.start(deadline: .seconds(30))
        if needsPrometheus, environment["PROMETHEUS_URL"] == nil {
            let program = try TestTool.require(TestTool.prometheus, "prometheus")
            prometheus = try PrometheusProcess(program, scraping: layout, in: folder, on: loop)
        }
        result = .success(
            try await body(
                LiveBackends(
                    loki: layout.lokiURL, tempo: layout.tempoURL, otlp: layout.otlpURL,
                    gateway: layout.url(of: .gateway),
                    prometheus: environment["PROMETHEUS_URL"] ?? prometheus?.url, takesFaults: true,
                    layout: layout, client: client, loop: loop)
            ))
    } catch {
        result = .failure(error)
    }
    await prometheus?.stop()
    await session.stop()
    try result.get()
}

/// The program that is built beside the tests.
func builtProgram() throws -> String {
    let tests = try #require(Files.linkTarget("/proc/self/exe"))
    let path = "/" + tests.split(separator: "/").dropLast().joined(separator: "/") + "/tailspan"
    try #require(
        FileManager.default.isExecutableFile(atPath: path), "\(path) is missing: run `swift build --build-tests`")
    return path
}

/// A Prometheus of our own that scrapes the services every second.
private struct PrometheusProcess {
    let url: String
    private let process: ChildProcess

    init(_ program: String, scraping layout: StackLayout, in folder: String, on loop: EventLoop) throws {
        let port = try Ports.free(1)[0]
        url = "http://127.0.0.1:\(port)"
        // As compose/prometheus/prometheus.yml: each target carries its service's name.
        let targets = ServiceRole.allCases.map { role in
            "      - targets: ['127.0.0.1:\(layout.port(of: role))']\n        labels: {service: \(role.rawValue)}\n"
        }
        let configuration =
            "global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: tailspan\n    static_configs:\n"
            + targets.joined()
        let path = folder + "/prometheus.yml"
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        process = try ChildProcess(
            ProgramSpec(
                program,
                [
                    "--config.file=\(path)", "--storage.tsdb.path=\(folder)/prometheus",
                    "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=exemplar-storage", "--log.level=error",
                ], environment: programEnvironment()),
            on: loop
        ) { _, _ in }
    }

    func stop() async {
        process.send(SIGTERM)
        _ = await process.waitForExit()
    }
}
