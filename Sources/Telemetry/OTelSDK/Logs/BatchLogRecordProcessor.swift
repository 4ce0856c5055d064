import EventLoop
import Logging
import Metrics

/// Collects log records and exports them in batches (OpenTelemetry Logs SDK, "Batching processor").
///
/// It gives the same guarantees as ``BatchSpanProcessor``: one export at a time; a bounded queue that drops, counts
/// (`otel.sdk.processor.log.processed{error.type="queue_full"}`) and warns; an export timeout; and a hanging exporter
/// never blocks ``onEmit(_:)``. Safe to use from any thread. Shut it down when done, because its tasks keep it alive
/// until then.
public final class BatchLogRecordProcessor: LogRecordProcessor {
    private let pipeline: BatchPipeline<[LogRecordData]>

    /// Creates a processor that works on `eventLoop`, which must run until ``shutdown()`` has returned.
    /// - Parameters:
    ///   - exporter: the destination of the batches.
    ///   - configuration: sizes and times.
    ///   - eventLoop: the loop for exports and timers.
    ///   - logger: receives warnings about lost records. It must not lead back to this processor, because a full
    ///     queue would then feed itself.
    ///   - metrics: receives `otel.sdk.processor.log.*`.
    public convenience init(
        exporter: any LogRecordExporter,
        configuration: BatchProcessorConfiguration = BatchProcessorConfiguration(scheduleDelay: .seconds(1)),
        eventLoop: EventLoop, logger: Logger = .noOp, metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.init(
            exporter: exporter, configuration: configuration, executor: eventLoop,
            sleep: { try await eventLoop.sleep(for: $0) }, logger: logger, metrics: metrics)
    }

    /// Creates a processor with its own timer. It works on `executor`, or on Swift's threads if it is `nil`.
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

    /// Queues a record. Holds a lock only for the time of an append.
    public func onEmit(_ record: LogRecordData) { pipeline.append { $0.append(record) } }

    /// Exports every record accepted so far and waits for it, at most for the export timeout.
    public func forceFlush() async { await pipeline.forceFlush() }

    /// Refuses further records, flushes like ``forceFlush()``, gives up the rest, and shuts the exporter down. If the
    /// calling task is cancelled, unsent records are given up at once.
    public func shutdown() async { await pipeline.shutdown() }

    /// The number of records found by ``shutdown()`` that were not delivered.
    package var unsent: Int { pipeline.unsent }
}
