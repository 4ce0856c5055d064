import Encoding
import EventLoop
import FaultInjection
import HTTP
import Logging
import OTelSDK
import Prometheus
import ServiceLifecycle
import TraceContext
import Tracing

/// A service's logs, spans and metrics, wired together from its configuration. The only place that knows the SDK.
///
/// As a ``Service`` it stays until everything that could still log or trace has stopped, then flushes and ends.
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

    /// What a test puts in the place of the real thing.
    package struct Overrides: Sendable {
        /// Gets the spans at once, instead of the configured exporter in batches.
        package var spanProcessor: (any SpanProcessor)?
        package var logHandler: (any LogHandler)?
        package init(spanProcessor: (any SpanProcessor)? = nil, logHandler: (any LogHandler)? = nil) {
            self.spanProcessor = spanProcessor
            self.logHandler = logHandler
        }
    }

    /// - Parameter deadline: until when the last spans and lines are sent.
    init(
        configuration: ServiceConfiguration, eventLoop: EventLoop, deadline: ShutdownDeadline,
        clock: WallClock = .system, overrides: Overrides = Overrides()
    ) throws {
        let settings = configuration.telemetry
        self.eventLoop = eventLoop
        self.deadline = deadline
        metrics = PrometheusMetricsFactory(exemplar: Self.currentExemplar)
        ProcessMetrics().register(in: metrics)
        exportClient = HTTPClient(eventLoop: eventLoop)
        let correlation = CorrelationFaults()
        let lineClock = correlation.skewed(clock)

        var handler: any LogHandler
        if let override = overrides.logHandler {
            logs = nil
            handler = Self.marking(override, correlation)
        } else {
            let output = LogOutput(
                configuration: configuration.log,
                identity: LogIdentity(
                    service: configuration.serviceName, version: configuration.version,
                    environment: configuration.deploymentEnvironment, region: configuration.region),
                clock: lineClock, eventLoop: eventLoop, metrics: metrics, faults: correlation)
            logs = output
            handler = output.handler(level: configuration.log.level)
        }
        // The exporters' own troubles go to file and stdout only: a log about failing to send logs must not be sent.
        localLogger = Logger(label: configuration.serviceName, handler: handler)
        let wiring = ExportWiring(
            settings: settings, client: exportClient, eventLoop: eventLoop, metrics: metrics, logger: localLogger)
        logProcessor = wiring.logProcessor()
        if let logProcessor {
            handler = MultiplexLogHandler([
                handler,
                Self.marking(
                    OTLPLogHandler(
                        processor: LokiLogRecords(next: logProcessor), logLevel: handler.logLevel, clock: lineClock),
                    correlation),
            ])
        }
        logger = Logger(label: configuration.serviceName, handler: handler)
        faults = try FaultInjector(
            configuration: configuration.faults, logger: logger, metrics: metrics, clock: clock,
            activity: correlation.activity)
        correlation.bind(to: faults)
        let batches = overrides.spanProcessor ?? wiring.spanProcessor()
        spanBatches = batches as? BatchSpanProcessor
        spanProcessor = SpanFaults(next: batches, faults: correlation)
        let propagator = CompositePropagator(settings.propagators)
        tracer =
            settings.isDisabled
            ? PropagationOnlyTracer(propagator: propagator)
            : OTelTracer(
                processor: spanProcessor, sampler: settings.sampler, propagator: propagator,
                limits: settings.spanLimits, clock: .system(wall: correlation.skewed(.system)), metrics: metrics)
        for warning in settings.warnings {
            logger.warning("telemetry setting ignored", metadata: ["reason": .string(warning)])
        }
    }

    private static func marking(_ handler: some LogHandler, _ correlation: CorrelationFaults) -> any LogHandler {
        FaultMarkingLogHandler(handler, activity: correlation.activity)
    }

    private static let currentExemplar: @Sendable () -> Exemplar? = {
        guard let span = ServiceContext.current?.spanContext, span.isSampled else { return nil }
        return Exemplar(traceHigh: span.traceID.high, traceLow: span.traceID.low, spanID: span.spanID.value)
    }

    package func run() async throws {
        // Also when the wait is cut short, what was recorded is sent.
        do { try await gracefulShutdown() } catch is CancellationError {}
        await shutdown()
    }

    /// Sends what is queued until the deadline, says what was not sent, and closes files and connections.
    package func shutdown() async {
        let (spanProcessor, logProcessor) = (spanProcessor, logProcessor)
        await withTaskGroup { group in
            group.addTask(executorPreference: eventLoop) {
                async let spans: Void = spanProcessor.shutdown()
                await logProcessor?.shutdown()
                await spans
            }
            group.addTask(executorPreference: eventLoop) { [eventLoop, deadline] in
                // Ends early when all is sent. Otherwise the processors are cancelled, which give up what is left.
                try? await eventLoop.sleep(for: deadline.remaining)
            }
            await group.next()
            group.cancelAll()
        }
        await exportClient.shutdown()
        sayWhatIsLeft()
        logs?.close()
    }

    /// The last line.
    private func sayWhatIsLeft() {
        let (spans, records) = (spanBatches?.unsent ?? 0, logProcessor?.unsent ?? 0)
        localLogger.log(
            level: spans + records > 0 ? .warning : .info, "stopped",
            metadata: ["unsent_spans": .integer(Int64(spans)), "unsent_log_records": .integer(Int64(records))])
    }

    /// Sends what is queued now.
    package func forceFlush() async {
        await spanProcessor.forceFlush()
        await logProcessor?.forceFlush()
        logs?.flush()
    }
}
