import Encoding
import PocketStack
import ServiceTesting
import Testing
import Vocabulary
import Workload

@testable import FileSystem
@testable import Verification

/// What a verification of four services under fault rules left behind.
struct FaultyOutcome: Sendable {
    var report: VerificationReport
    /// All lines that the store has.
    var lines: [LogRecord]
    /// The traces of the requests that the ledgers name.
    var spans: [SpanRecord]
    /// Of all services, as JSON.
    var ledger: [JSONValue]
    /// How often each kind took effect, by the services' metrics.
    var injected: [String: Int]
    /// The names of the log files of each service.
    var files: [ServiceRole: [String]]

    /// The numbers of the rules that are violated.
    var violated: Set<Int> {
        Set(report.results.filter { !$0.findings.violations.isEmpty }.map(\.rule.number))
    }

    /// A few violations of each rule, for a failed test.
    var complaints: [String] {
        report.results.flatMap { result in
            result.findings.violations.prefix(3).map {
                "\(result.rule.number): \($0.service ?? "?") \($0.message) \($0.line?.prefix(400) ?? "")"
            }
        }
    }
}

/// Verifies four services with `faults`, over sockets, with a pocket stack that follows their files.
func verifyWithFaults(
    _ faults: String, seed: UInt64, requests: Int = 9, toleratesFailures: Bool = false,
    settle: Duration = .milliseconds(800), environment more: [String: String] = [:]
) async throws -> FaultyOutcome {
    try await withTemporaryFolder { folder in
        try await withPocket(data: folder, logs: folder + "/logs") { pocket in
            let environment = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": pocket.otlp, "OTEL_BSP_SCHEDULE_DELAY": "50", "LOG_STDOUT": "false",
                "LOG_DIR": folder + "/logs", "FAULTS": faults,
            ].merging(more) { $1 }
            return try await withFourServices(environment: environment, telemetryIsReal: true) { services in
                let urls = Dictionary(
                    uniqueKeysWithValues: services.ports.map { ($0.key, "http://127.0.0.1:\($0.value)") })
                // Of a file that is rotated away before anybody looked, nothing is said.
                if faults.contains("rotate-now") {
                    try await eventually("every file is followed") {
                        Set(try await pocket.lines().compactMap(\.service)).count == ServiceRole.allCases.count
                    }
                }
                var configuration = VerificationConfiguration(
                    seed: seed, requests: requests, services: urls,
                    loki: "http://127.0.0.1:\(pocket.stack.ports.loki)",
                    tempo: "http://127.0.0.1:\(pocket.stack.ports.tempo)")
                configuration.concurrency = 4
                configuration.settle = settle
                configuration.toleratesFailures = toleratesFailures
                // A machine under load keeps a task waiting between two readings of the clock.
                configuration.tolerance.responseTailNS = 1_000_000_000
                let verified = configuration
                let report = try await withLoop { loop in
                    try await VerificationRun(
                        verified, transport: pocket.client, clock: .monotonic(loop)
                    ).run()
                }
                var injected: [String: Int] = [:]
                var ledger: [JSONValue] = []
                var files: [ServiceRole: [String]] = [:]
                for role in ServiceRole.allCases {
                    for sample in try await services.metrics(role).all
                    where sample.name == "tailspan_faults_injected_total" {
                        injected[sample.labels["tailspan_fault_kind"] ?? "", default: 0] += Int(sample.value)
                    }
                    let path = "\(folder)/logs/\(role)"
                    files[role] = Files.names(in: path)
                    let text = String(decoding: Files.read(path + "/faults.ndjson") ?? [], as: UTF8.self)
                    ledger += try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
                }
                var spans: [SpanRecord] = []
                for trace in Set(ledger.compactMap { $0["trace_id"]?.string }) {
                    spans += try await pocket.tempo.trace(id: trace)?.spans ?? []
                }
                return FaultyOutcome(
                    report: report, lines: try await pocket.lines(), spans: spans, ledger: ledger,
                    injected: injected, files: files)
            }
        }
    }
}
