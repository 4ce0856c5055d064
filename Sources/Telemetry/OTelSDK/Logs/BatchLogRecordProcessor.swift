import EventLoop
import Logging
import Metrics

/// Collects log records and exports them in batches (OpenTelemetry Logs SDK, "Batching processor").
///
/// It keeps the promises of ``BatchSpanProcessor``: one export at a time, a bounded queue that drops, counts
/// (`otel.sdk.processor.log.processed{error.type="queue_full"}`) and warns, an export timeout, and an exporter that hangs
/// never blocks ``onEmit(_:)``. Safe to use from any thread. Shut it down when done: its tasks keep it alive until then.
public final class BatchLogRecordProcessor: LogRecordProcessor {
    private let pipeline: BatchPipeline<LogRecordData>

    /// Creates a processor whose work is done on `eventLoop`, which must run until ``shutdown()`` has returned.
    /// - Parameters:
    ///   - exporter: where batches go.
    ///   - configuration: sizes and times.
    ///   - eventLoop: the loop that exports and keeps time.
    ///   - logger: hears of records that were lost. It must not lead back to this processor: a full queue would feed
    ///     itself.
    ///   - metrics: gets `otel.sdk.processor.log.*`.
    public convenience init(
        exporter: any LogRecordExporter,
        configuration: BatchProcessorConfiguration = BatchProcessorConfiguration(scheduleDelay: .seconds(1)),
        eventLoop: EventLoop, logger: Logger = .noOp, metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.init(
            exporter: exporter, configuration: configuration, executor: eventLoop,
            sleep: { try await eventLoop.sleep(for: $0) }, logger: logger, metrics: metrics)
    }

    /// Creates a processor with a timer of its own. Its work is done on `executor`, or on Swift's threads if it is `nil`.
    package init(
        exporter: any LogRecordExporter, configuration: BatchProcessorConfiguration,
        executor: (any TaskExecutor)? = nil, sleep: @escaping @Sendable (Duration) async throws -> Void,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger = .noOp,
        metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        pipeline = BatchPipeline(
            sink: BatchPipeline.Sink(
                signal: "log", unit: "{log_record}", componentType: "batching_log_processor",
                componentName: "batching_log_processor/0", export: { await exporter.export($0) },
                giveUp: { exporter.giveUp($0, reason: $1) },
                shutdown: { await exporter.shutdown() }),
            configuration: configuration, executor: executor, sleep: sleep, now: now, random: random,
            logger: logger, metrics: metrics)
    }

    /// Queues a record. Never blocks: a lock is held for the time of an append.
    public func onEmit(_ record: LogRecordData) { pipeline.append(record) }

    /// Exports every record taken so far and waits for it, at most for the export timeout.
    public func forceFlush() async { await pipeline.forceFlush() }

    /// Refuses further records, flushes as ``forceFlush()`` does, gives up what is left, and shuts the exporter down.
    /// When the calling task is cancelled, what is not sent yet is given up at once.
    public func shutdown() async { await pipeline.shutdown() }

    /// How many of the records that ``shutdown()`` found were not delivered.
    package var unsent: Int { pipeline.unsent }
}
