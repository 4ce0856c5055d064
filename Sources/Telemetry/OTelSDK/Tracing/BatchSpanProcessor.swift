import EventLoop
import Logging
import Metrics

/// Collects sampled spans and exports them in batches (OpenTelemetry Trace SDK, "Batching processor").
///
/// One batch is exported at a time: when a batch is full, when the schedule delay has passed, or on a flush. The queue
/// is bounded and includes the batch being exported. When it is full, spans are dropped, counted
/// (`otel.sdk.processor.span.processed{error.type="queue_full"}`) and reported in a warning once per interval. An
/// export that exceeds the export timeout is cancelled and its batch given up. While the backend is unavailable, an
/// export is repeated for up to five minutes and the queue fills up. A hanging exporter never blocks ``onEnd(_:)``.
/// Safe to use from any thread. Shut it down when done, because its tasks keep it alive until then.
public final class BatchSpanProcessor: SpanProcessor {
    private let pipeline: Pipeline

    /// Spans are kept in the form in which the exporter takes them.
    private enum Pipeline {
        case encoded(BatchPipeline<EncodedSpans>)
        case values(BatchPipeline<[SpanData]>)
    }

    /// Creates a processor that works on `eventLoop`, which must run until ``shutdown()`` has returned.
    /// - Parameters:
    ///   - exporter: the destination of the batches.
    ///   - configuration: sizes and times.
    ///   - eventLoop: the loop for exports and timers.
    ///   - logger: receives warnings about lost spans.
    ///   - metrics: receives `otel.sdk.processor.span.*`.
    public convenience init(
        exporter: any SpanExporter, configuration: BatchProcessorConfiguration = BatchProcessorConfiguration(),
        eventLoop: EventLoop, logger: Logger = .noOp, metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.init(
            exporter: exporter, configuration: configuration, executor: eventLoop,
            sleep: { try await eventLoop.sleep(for: $0) }, logger: logger, metrics: metrics)
    }

    /// Creates a processor with its own timer. It works on `executor`, or on Swift's threads if it is `nil`.
    package init(
        exporter: any SpanExporter, configuration: BatchProcessorConfiguration, executor: (any TaskExecutor)? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger = .noOp,
        metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        func pipeline<Batch: RecordBatch & Sendable>(
            _ export: @escaping @Sendable (Batch) async -> ExportResult
        ) -> BatchPipeline<Batch> {
            BatchPipeline(
                sink: BatchPipeline.Sink(
                    signal: "span", unit: "{span}", componentType: "batching_span_processor",
                    componentName: "batching_span_processor/0", export: export,
                    giveUp: { exporter.giveUp($0, reason: $1) }, shutdown: { await exporter.shutdown() }),
                configuration: configuration, executor: executor, sleep: sleep, now: now, random: random,
                logger: logger, metrics: metrics)
        }
        if let exporter = exporter as? any EncodedSpanExporter, exporter.takesEncodedSpans {
            self.pipeline = .encoded(pipeline { await exporter.export($0) })
        } else {
            self.pipeline = .values(pipeline { await exporter.export($0) })
        }
    }

    /// Queues a sampled span.
    public func onEnd(_ span: SpanData) { span.lend { onEnd($0) } }

    /// Queues a sampled span. Holds a lock only for the time of an append or, if the exporter takes them so, of encoding
    /// the span.
    public func onEnd(_ span: borrowing EndedSpan) {
        guard span.isSampled else { return }
        let pointer = span.pointer
        switch pipeline {
        case .encoded(let pipeline): pipeline.append { $0.append(pointer) }
        case .values(let pipeline): pipeline.append { $0.append(pointer.pointee) }
        }
    }

    /// Exports every span that has ended so far and waits for it, at most for the export timeout.
    public func forceFlush() async {
        switch pipeline {
        case .encoded(let pipeline): await pipeline.forceFlush()
        case .values(let pipeline): await pipeline.forceFlush()
        }
    }

    /// Refuses further spans, flushes like ``forceFlush()``, gives up the rest, and shuts the exporter down. If the
    /// calling task is cancelled, unsent spans are given up at once.
    public func shutdown() async {
        switch pipeline {
        case .encoded(let pipeline): await pipeline.shutdown()
        case .values(let pipeline): await pipeline.shutdown()
        }
    }

    /// The number of spans found by ``shutdown()`` that were not delivered.
    package var unsent: Int {
        switch pipeline {
        case .encoded(let pipeline): pipeline.unsent
        case .values(let pipeline): pipeline.unsent
        }
    }
}
