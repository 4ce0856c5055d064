import Arguments
import Configuration
import Encoding
import HTTP
import LogOutput
import Logging
import OTelSDK
import PocketStack
import Prometheus
import ServiceKit
import ServiceLifecycle
import Vocabulary

/// Runs the pocket stack in this process.
struct PocketCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "pocket", abstract: "Runs the pocket stack: Promtail, Loki, Tempo and a console in one process",
        discussion: """
            It follows LOG_DIR/*/*.log, takes spans over OTLP/HTTP, answers Loki's and Tempo's HTTP APIs and shows both on \
            a console. It is configured by environment variables: HOST, LOKI_PORT (3100), TEMPO_PORT (3200), \
            OTLP_HTTP_PORT (4318), CONSOLE_PORT (3000), LOG_DIR, DATA_DIR, RETENTION (24h), RETENTION_SIZE (512MiB, on \
            disk), POCKET_ALLOWED_HOSTS (names that browsers may use for it), LOG_LEVEL, and the addresses of the services. \
            SIGTERM and Ctrl-C stop it, once all it has taken is stored.
            """,
        examples: [.init("LOG_DIR=./logs tailspan pocket", "for services that are started by other means")],
        section: "One part alone")

    func run(_ tools: Tools) -> Int32 {
        let variables = tools.environment
        return runToCompletion(name: "pocket") { loop in
            let configuration = try PocketConfiguration(environment: Environment(variables))
            let metrics = PrometheusMetricsFactory()
            ProcessMetrics().register(in: metrics)
            var log = try LogConfiguration(environment: variables)
            // To stdout only: otherwise it would follow its own lines.
            log.directory = nil
            let output = LogOutput(
                configuration: log, identity: LogIdentity(service: "pocket", version: OTelSDK.version),
                clock: .system, eventLoop: loop, metrics: metrics)
            let stack = PocketStack(
                configuration: configuration, eventLoop: loop,
                logger: Logger(label: "pocket", handler: output.handler(level: log.level)), metrics: metrics
            ) { request in
                let (contentType, body) = metrics.expose(accept: request.headers[Header.accept])
                return Response(headers: [Header.contentType: contentType], body: body)
            }
            return LoggedUntilItsEnd(service: stack, output: output)
        }
    }
}

/// Flushes the last lines once the service has ended.
private struct LoggedUntilItsEnd: Service {
    let service: any Service
    let output: LogOutput

    func run() async throws {
        defer { output.close() }
        try await service.run()
    }
}
