import Encoding
import EventLoop
import HTTP
import Logging
import PocketStack
import Prometheus
import Verification
import Vocabulary

/// A pocket stack in this process, on free ports.
struct LivePocket: Sendable {
    let stack: PocketStack
    let client: HTTPClient

    var otlp: String { "http://127.0.0.1:\(stack.ports.otlpHTTP)" }
    var tempo: TempoClient {
        TempoClient(baseURL: "http://127.0.0.1:\(stack.ports.tempo)", transport: client)
    }

    /// How many spans a trace has.
    func spanCount(_ traceID: String) async throws -> Int { try await tempo.trace(id: traceID)?.spans.count ?? 0 }

    /// All lines of the services of the last hour.
    func lines() async throws -> [LogRecord] {
        let now = WallClock.system.now()
        let hour: UInt64 = 3_600_000_000_000
        return try await LokiClient(baseURL: "http://127.0.0.1:\(stack.ports.loki)", transport: client)
            .lines(LogStreams.ours, in: now - hour..<now + hour)
    }
}

/// Runs `body` beside a pocket stack that keeps its data in `data` and follows the files in `logs`.
func withPocket<T>(data: String, logs: String, _ body: (LivePocket) async throws -> T) async throws -> T {
    let loop = try EventLoop(name: "pocket")
    try loop.start()
    defer { loop.stop() }
    var configuration = PocketConfiguration(database: data + "/pocket.sqlite", logDirectory: logs)
    configuration.ports = PocketPorts(loki: 0, tempo: 0, otlpHTTP: 0, console: 0)
    let pocket = LivePocket(
        stack: PocketStack(
            configuration: configuration, eventLoop: loop, logger: .noOp, metrics: PrometheusMetricsFactory()),
        client: HTTPClient(eventLoop: loop))
    try await pocket.stack.start()
    let result: Result<T, any Error>
    do { result = .success(try await body(pocket)) } catch { result = .failure(error) }
    await pocket.client.shutdown()
    await pocket.stack.shutdown()
    return try result.get()
}
