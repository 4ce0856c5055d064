import CommandLine
import Contracts
import EventLoop
import Glibc
import HTTP
import Logging
import PocketStack
import Prometheus
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Runs the pocket stack in this process.
struct PocketCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "pocket", abstract: "Runs the pocket stack: Promtail, Loki, Tempo and Grafana's places in one process",
        discussion: """
            It is configured by environment variables: HOST, LOKI_PORT (3100), TEMPO_PORT (3200), OTLP_HTTP_PORT (4318), \
            CONSOLE_PORT (3000), DATA_DIR, LOG_DIR (whose files it follows), RETENTION (24h), RETENTION_SIZE (512MiB), \
            and the addresses of the services. SIGTERM and Ctrl-C end it.
            """,
        section: "One part alone")

    func run(_ tools: Tools) throws -> Int32 {
        let signals: [UnixSignal] = [.sigterm, .sigint]
        UnixSignal.block(signals)
        let stackConfiguration: PocketConfiguration
        var logConfiguration: LogConfiguration
        do {
            stackConfiguration = try PocketConfiguration(environment: Environment(tools.environment))
            logConfiguration = try LogConfiguration(environment: tools.environment)
        } catch let error as ConfigurationError {
            tools.err.line(StyledText("tailspan pocket: \(error)"))
            return ExitCode.usage
        }
        // A file among those that it follows would tell it of itself.
        logConfiguration.directory = nil
        let eventLoop = try EventLoop(name: StackLayout.pocketName)
        let metrics = PrometheusMetricsFactory()
        ProcessMetrics().register(in: metrics)
        let output = LogOutput(
            configuration: logConfiguration,
            identity: LogIdentity(service: StackLayout.pocketName, version: Tailspan.version), eventLoop: eventLoop,
            metrics: metrics)
        let logger = Logger(label: StackLayout.pocketName, handler: output.handler(level: logConfiguration.level))
        let stack = PocketStack(
            configuration: stackConfiguration, eventLoop: eventLoop, logger: logger, metrics: metrics,
            exposition: { request in
                let (contentType, body) = metrics.expose(accept: request.headers["accept"])
                return Response(headers: ["content-type": contentType], body: body)
            })
        let failure = Failure()
        Task(executorPreference: eventLoop) {
            do {
                try await ServiceGroup(
                    configuration: ServiceGroupConfiguration(services: [stack], gracefulShutdownSignals: signals)
                ).run()
            } catch {
                failure.text.withLock { $0 = "\(error)" }
            }
            eventLoop.stop()
        }
        eventLoop.run()
        output.close()
        guard let text = failure.text.withLock({ $0 }) else { return ExitCode.success }
        tools.err.line(StyledText("tailspan pocket: \(text)"))
        return ExitCode.failure
    }

    private final class Failure: Sendable {
        let text = Mutex<String?>(nil)
    }
}
