import Arguments
import Configuration
import ConsoleControl
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
                logger: Logger(label: "pocket", handler: output.handler(level: log.level)), metrics: metrics,
                actions: Self.actions(configuration, variables)
            ) { request in
                let (contentType, body) = metrics.expose(accept: request.headers[Header.accept])
                return Response(headers: [Header.contentType: contentType], body: body)
            }
            return LoggedUntilItsEnd(service: stack, output: output)
        }
    }
}

extension PocketCommand {
    /// What the console can do besides reading.
    private static func actions(
        _ pocket: PocketConfiguration, _ variables: [String: String]
    ) -> ConsoleActions.Make {
        let environment = Environment(variables)
        let data = environment.string("DATA_DIR", default: "data")
        let configuration = ConsoleControl.Configuration(
            services: pocket.services, incidents: environment.string("INCIDENTS_DIR", default: "incidents"),
            workshop: environment.string("WORKSHOP_DIR", default: "docs/workshop"),
            runs: environment.string("RUNS_DIR", default: data + "/incidents"), data: data,
            allowedHosts: pocket.allowedHosts, environment: environment)
        return { stack in
            let control = ConsoleControl(
                configuration,
                stores: {
                    let ports = stack.ports()
                    return ConsoleControl.Stores(
                        loki: url(ports.loki, of: pocket), tempo: url(ports.tempo, of: pocket),
                        otlp: url(ports.otlpHTTP, of: pocket), console: url(ports.console, of: pocket))
                },
                client: stack.client, eventLoop: stack.eventLoop, logger: stack.logger)
            Task(executorPreference: stack.eventLoop) { await control.recover() }
            return ConsoleActions(
                addRoutes: { control.addRoutes(to: $0) },
                concealedIncident: { control.concealedIncident?.title }, shutdown: { await control.shutdown() })
        }
    }

    /// Where this process listens, for itself: whatever listens on all addresses, listens on loopback.
    private static func url(_ port: Int, of pocket: PocketConfiguration) -> String {
        let host = ["0.0.0.0", "::", ""].contains(pocket.host) ? "127.0.0.1" : pocket.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
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
