import Encoding
import EventLoop
import FaultControl
import FaultHooks
import FaultRules
import HTTP
import LogOutput
import Logging
import OTelSDK
import Prometheus
import ServiceLifecycle
import TraceContext
import Tracing

/// A service's logs, spans and metrics, set up from its configuration. The only place that knows the SDK.
///
/// As a ``Service``, it runs until everything that could still log or trace has stopped, then flushes and ends.
package final class Telemetry: Service {
    package let logger: Logger
    package let tracer: any Tracer
    package let metrics: PrometheusMetricsFactory
    package let faults: FaultInjector
    private let logs: LogOutput?
    private let spanProcessor: any SpanProcessor
    private let logProcessor: BatchLogRecordProcessor?
    private let spanBatches: BatchSpanProcessor?
    private let exportClient: HTTPClient
    private let eventLoop: EventLoop
    private let deadline: ShutdownDeadline
    /// Writes to file and stdout only.
    private let localLogger: Logger

    /// Replacements that a test can supply.
    package struct Overrides: Sendable {
        /// Receives spans immediately, in place of the batching exporter.
        package var spanProcessor: (any SpanProcessor)?
        package var logHandler: (any LogHandler)?
        /// Why nothing can be sent to a URL.
        package var httpsProblem: @Sendable (_ url: String) -> String?
        package init(
            spanProcessor: (any SpanProcessor)? = nil, logHandler: (any LogHandler)? = nil,
            httpsProblem: @escaping @Sendable (_ url: String) -> String? = { HTTPClient.httpsProblem(for: $0) }
        ) {
            self.spanProcessor = spanProcessor
            self.logHandler = logHandler
            self.httpsProblem = httpsProblem
        }
    }

    /// - Parameter deadline: limits how long the last spans and log lines are sent.
    init(
        configuration: ServiceConfiguration, eventLoop: EventLoop, deadline: ShutdownDeadline,
        clock: WallClock = .system, overrides: Overrides = Overrides()
    ) throws {
        let settings = configuration.telemetry
        self.eventLoop = eventLoop
        self.deadline = deadline
        metrics = PrometheusMetricsFactory(exemplar: Self.currentExemplar)
        ProcessMetrics().register(in: metrics)
        var exporting = HTTPClient.Configuration()
        // A failed commit is a reason to send spans, not to hold them back.
        exporting.waitsForCommits = false
        exportClient = HTTPClient(eventLoop: eventLoop, configuration: exporting)
        // Read for every line and every write. Service-wide rules set them, if there are any.
        let (offset, fileWrite) = (ClockOffset(), ReplaceableFileWrite())
        let lineClock = offset.applied(to: clock)
        let local =
            overrides.logHandler.map(LocalLog.handler)
            ?? .output(
                LogOutput(
                    configuration: configuration.log, identity: configuration.logIdentity, clock: lineClock,
                    eventLoop: eventLoop, metrics: metrics, fileWrite: fileWrite.write), configuration.log.level)
        logs = local.output
        // The exporters' own errors go to file and stdout only: a line about a failed log export must not be exported.
        localLogger = Logger(label: configuration.serviceName, handler: local.plain)
        let wiring = ExportWiring(
            settings: settings, client: exportClient, eventLoop: eventLoop, metrics: metrics, logger: localLogger)
        logProcessor = wiring.logProcessor()
        let level = local.plain.logLevel
        let exported = logProcessor.map {
            OTLPLogHandler(processor: LokiLogRecords(next: $0), logLevel: level, clock: lineClock)
        }
        // The injector's own log lines belong to no request and are never faulty.
        faults = try FaultInjector(
            configuration: configuration.faults,
            logger: Self.logger(configuration.serviceName, local.plain, exported), metrics: metrics, clock: clock)
        let service = ServiceWideFaults(injector: faults, clock: offset, logFile: fileWrite, eventLoop: eventLoop)
        let activity = faults.activity
        logger = Self.logger(
            configuration.serviceName, local.faulty(service, eventLoop),
            exported.map { FaultMarkingLogHandler($0, activity: activity) })
        let batches = overrides.spanProcessor ?? wiring.spanProcessor()
        spanBatches = batches as? BatchSpanProcessor
        spanProcessor = SpanFaults(next: batches, service: service)
        let propagator = CompositePropagator(settings.propagators)
        tracer =
            settings.isDisabled
            ? PropagationOnlyTracer(propagator: propagator)
            : OTelTracer(
                processor: spanProcessor, sampler: settings.sampler, propagator: propagator,
                limits: settings.spanLimits, clock: .system(wall: offset.applied(to: .system)), metrics: metrics)
        for warning in settings.warnings {
            logger.warning("telemetry setting ignored", metadata: ["reason": .string(warning)])
        }
        let endpoints = [settings.exporter.traces.endpoint, settings.exporter.logs.endpoint].compactMap { $0 }
        if let problem = endpoints.lazy.compactMap(overrides.httpsProblem).first {
            logger.warning("telemetry cannot be sent", metadata: ["reason": .string(problem)])
        }
    }

    private static func logger(
        _ name: String, _ local: any LogHandler, _ exported: (any LogHandler)?
    ) -> Logger {
        Logger(label: name, handler: exported.map { MultiplexLogHandler([local, $0]) } ?? local)
    }

    private static let currentExemplar: @Sendable () -> Exemplar? = {
        guard let span = ServiceContext.current?.spanContext, span.isSampled else { return nil }
        return Exemplar(traceHigh: span.traceID.high, traceLow: span.traceID.low, spanID: span.spanID.value)
    }

    package func run() async throws {
        // Recorded data is sent even if the wait is cut short.
        do { try await gracefulShutdown() } catch is CancellationError {}
        await shutdown()
    }

    /// Sends queued data until the deadline, reports what was not sent, and closes files and connections.
    package func shutdown() async {
        let (spanProcessor, logProcessor) = (spanProcessor, logProcessor)
        await withTaskGroup { group in
            group.addTask(executorPreference: eventLoop) {
                async let spans: Void = spanProcessor.shutdown()
                await logProcessor?.shutdown()
                await spans
            }
            group.addTask(executorPreference: eventLoop) { [eventLoop, deadline] in
                // The group ends early when everything is sent. Otherwise the processors are cancelled and discard the
                // rest.
                try? await eventLoop.sleep(for: deadline.remaining)
            }
            await group.next()
            group.cancelAll()
        }
        await exportClient.shutdown()
        sayWhatIsLeft()
        logs?.close()
    }

    /// Writes the last log line.
    private func sayWhatIsLeft() {
        let (spans, records) = (spanBatches?.unsent ?? 0, logProcessor?.unsent ?? 0)
        localLogger.log(
            level: spans + records > 0 ? .warning : .info, "stopped",
            metadata: ["unsent_spans": .integer(Int64(spans)), "unsent_log_records": .integer(Int64(records))])
    }

    /// Sends all queued data now.
    package func forceFlush() async {
        await spanProcessor.forceFlush()
        await logProcessor?.forceFlush()
        logs?.flush()
    }
}
