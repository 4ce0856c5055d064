import EventLoop
import Logging
import Metrics
import TraceContext

/// Collects sampled spans and exports them in batches (OpenTelemetry Trace SDK, "Batching processor").
///
/// One batch is exported at a time: when a full one is waiting, when the schedule delay has passed, or on a flush. The
/// queue is bounded, the batch being exported included; when it is full, spans are dropped, counted
/// (`otel.sdk.processor.span.processed{error.type="queue_full"}`) and warned about once an interval. An export that
/// takes longer than the export timeout is cancelled and its batch given up; one whose backend is away is repeated for up
/// to five minutes, while the queue fills. An exporter that hangs never blocks ``onEnd(_:)``. Safe to use from any thread.
/// Shut it down when done: its tasks keep it alive until then.
public final class BatchSpanProcessor: SpanProcessor {
    private let pipeline: BatchPipeline<SpanData>

    /// Creates a processor whose work is done on `eventLoop`, which must run until ``shutdown()`` has returned.
    /// - Parameters:
    ///   - exporter: where batches go.
    ///   - configuration: sizes and times.
    ///   - eventLoop: the loop that exports and keeps time.
    ///   - logger: hears of spans that were lost.
    ///   - metrics: gets `otel.sdk.processor.span.*`.
    public convenience init(
        exporter: any SpanExporter, configuration: BatchProcessorConfiguration = BatchProcessorConfiguration(),
        eventLoop: EventLoop, logger: Logger = .noOp, metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.init(
            exporter: exporter, configuration: configuration, executor: eventLoop,
            sleep: { try await eventLoop.sleep(for: $0) }, logger: logger, metrics: metrics)
    }

    /// Creates a processor with a timer of its own. Its work is done on `executor`, or on Swift's threads if it is `nil`.
    package init(
        exporter: any SpanExporter, configuration: BatchProcessorConfiguration, executor: (any TaskExecutor)? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger = .noOp,
        metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        pipeline = BatchPipeline(
            sink: BatchPipeline.Sink(
                signal: "span", unit: "{span}", componentType: "batching_span_processor",
                componentName: "batching_span_processor/0", export: { await exporter.export($0) },
                giveUp: { exporter.giveUp($0, reason: $1) },
                shutdown: { await exporter.shutdown() }),
            configuration: configuration, executor: executor, sleep: sleep, now: now, random: random,
            logger: logger, metrics: metrics)
    }

    /// Queues a sampled span. Never blocks: a lock is held for the time of an append.
    public func onEnd(_ span: SpanData) {
        guard span.context.isSampled else { return }
        pipeline.append(span)
    }

    /// Exports every span that has ended so far and waits for it, at most for the export timeout.
    public func forceFlush() async { await pipeline.forceFlush() }

    /// Refuses further spans, flushes as ``forceFlush()`` does, gives up what is left, and shuts the exporter down.
    /// When the calling task is cancelled, what is not sent yet is given up at once.
    public func shutdown() async { await pipeline.shutdown() }

    /// How many of the spans that ``shutdown()`` found were not delivered.
    package var unsent: Int { pipeline.unsent }
}
