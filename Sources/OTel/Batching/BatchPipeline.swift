import Logging
import Metrics
import Synchronization

/// Collects records, exports them in batches one at a time, and says what was lost: what the batch processors for spans
/// and for log records have in common (OpenTelemetry Trace SDK, "Batching processor").
///
/// It works in tasks of its own from its creation until ``shutdown()``, which must be called for it to be freed.
final class BatchPipeline<Record: Sendable>: Sendable {
    /// Suspends for a duration; throws when the task is cancelled.
    typealias Sleep = @Sendable (Duration) async throws -> Void

    /// What is exported and how.
    struct Sink: Sendable {
        /// What a record is called in metric names: `span` or `log`.
        var signal: String
        /// Its UCUM unit, such as `{span}`.
        var unit: String
        /// `otel.component.type`
        var componentType: String
        /// `otel.component.name`
        var componentName: String
        var export: @Sendable ([Record]) async -> ExportResult
        var shutdown: @Sendable () async -> Void
    }

    private struct State: Sendable {
        var queue: BatchQueue<Record>
        /// The worker, while it has nothing to do.
        var idleWorker: CheckedContinuation<Void, Never>?
        /// Who waits until everything up to an ordinal is done with.
        var flushes: [(target: UInt64, done: OneShot<Bool>)] = []
        /// The export call under way.
        var call: Task<Void, Never>?
        var tasks: [Task<Void, Never>] = []
        var shutdown: Task<Void, Never>?
        var isRefusing = false
        var isStopped = false
        var losses = BatchLosses()

        mutating func takeIdleWorker() -> CheckedContinuation<Void, Never>? {
            defer { idleWorker = nil }
            return idleWorker
        }

        /// The flushes that everything up to `ordinal` was all they waited for.
        mutating func takeFlushes(upTo ordinal: UInt64) -> [OneShot<Bool>] {
            let done = flushes.filter { $0.target <= ordinal }.map(\.done)
            flushes.removeAll { $0.target <= ordinal }
            return done
        }
    }

    private let sink: Sink
    private let configuration: BatchProcessorConfiguration
    private let executor: (any TaskExecutor)?
    private let sleep: Sleep
    private let logger: Logger
    private let metrics: ProcessorMetrics
    private let state: Mutex<State>

    init(
        sink: Sink, configuration: BatchProcessorConfiguration, executor: (any TaskExecutor)?, sleep: @escaping Sleep,
        logger: Logger, metrics: any MetricsFactory
    ) {
        self.sink = sink
        self.configuration = configuration
        self.executor = executor
        self.sleep = sleep
        self.logger = logger
        self.metrics = ProcessorMetrics(
            signal: sink.signal, unit: sink.unit, componentType: sink.componentType,
            componentName: sink.componentName, factory: metrics)
        let queue = BatchQueue<Record>(
            capacity: configuration.maximumQueueSize, batchSize: configuration.maximumExportBatchSize)
        state = Mutex(State(queue: queue))
        self.metrics.observeQueue(capacity: configuration.maximumQueueSize, in: metrics) { [weak self] in
            self?.state.withLock { $0.queue.count } ?? 0
        }
        // Detached: the pipeline must not inherit the context of whoever happens to create it.
        let worker = Task.detached(executorPreference: executor) { await self.exportBatches() }
        let timer = Task.detached(executorPreference: executor) { await self.keepTime() }
        state.withLock { $0.tasks = [worker, timer] }
    }

    /// Takes a record, from any thread; drops and counts it when the queue is full or the pipeline was shut down.
    func append(_ record: Record) {
        let (refusal, worker) = state.withLock { state -> (Counter?, CheckedContinuation<Void, Never>?) in
            if state.isRefusing { return (metrics.alreadyShutDown, nil) }
            switch state.queue.append(record) {
            case .accepted: return (nil, nil)
            case .acceptedAndBatchIsFull: return (nil, state.takeIdleWorker())
            case .refused:
                state.losses.queueFull += 1
                return (metrics.queueFull, nil)
            }
        }
        worker?.resume()
        refusal?.increment()
    }

    /// Exports everything accepted so far and waits for it, at most for the export timeout.
    func forceFlush() async {
        let done = OneShot<Bool>()
        let worker = state.withLock { state -> CheckedContinuation<Void, Never>? in
            let target = state.queue.expedite()
            if state.isStopped || state.queue.finished >= target {
                done.fulfil(true)
                return nil
            }
            state.flushes.append((target, done))
            return state.takeIdleWorker()
        }
        worker?.resume()
        if await !bounded(done, onTimeout: false) {
            state.withLock { $0.flushes.removeAll { $0.done === done } }
            logger.warning(
                "Flushing telemetry took too long and was given up",
                metadata: [
                    "signal": .string(sink.signal), "timeout_ms": .integer(configuration.exportTimeout.inMilliseconds),
                ])
        }
    }

    /// Refuses further records, exports what is there as ``forceFlush()`` does, gives up the rest, and shuts the
    /// exporter down. Further calls wait for the first.
    func shutdown() async {
        let task = state.withLock { state in
            state.isRefusing = true
            let task = state.shutdown ?? Task.detached(executorPreference: executor) { await self.flushAndStop() }
            state.shutdown = task
            return task
        }
        await task.value
    }

    private func flushAndStop() async {
        await forceFlush()
        let (worker, flushes, running, lost) = state.withLock { state in
            state.isStopped = true
            let lost = state.queue.removeAll()
            state.losses.shutdownTimeout += lost
            let running = state.tasks + (state.call.map { [$0] } ?? [])
            return (state.takeIdleWorker(), state.takeFlushes(upTo: .max), running, lost)
        }
        running.forEach { $0.cancel() }
        worker?.resume()
        flushes.forEach { $0.fulfil(true) }
        if lost > 0 { metrics.givenUp.increment(by: Int64(lost)) }
        reportLosses()
        // The exporter may hang too.
        let done = OneShot<Bool>()
        let shutdown = Task.detached(executorPreference: executor) {
            await self.sink.shutdown()
            done.fulfil(true)
        }
        if await !bounded(done, onTimeout: false) { shutdown.cancel() }
    }

    // MARK: - The worker

    private func exportBatches() async {
        while true {
            let (batch, isStopped) = state.withLock { ($0.queue.take(), $0.isStopped) }
            if isStopped { return reportLosses() }
            if let batch {
                await export(batch)
            } else {
                await waitForWork()
            }
        }
    }

    private func waitForWork() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.queue.isReady || state.isStopped { return true }
                state.idleWorker = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func export(_ batch: [Record]) async {
        metrics.processed.increment(by: Int64(batch.count))
        let returned = OneShot<Bool>()
        let call = Task.detached(executorPreference: executor) {
            // What became of the batch is the exporter's to count and to log.
            _ = await self.sink.export(batch)
            returned.fulfil(true)
        }
        state.withLock { $0.call = call }
        let isInTime = await bounded(returned, onTimeout: false)
        finish(batch.count, isInTime: isInTime)
        // After a timeout the exporter still has the batch. It is told to stop and waited for, because it must not be
        // called a second time meanwhile; the queue fills up and drops if it never comes back.
        if !isInTime { call.cancel() }
        await call.value
        state.withLock { state in
            state.call = nil
            state.queue.release(batch.count)
        }
    }

    private func finish(_ count: Int, isInTime: Bool) {
        let flushes = state.withLock { state in
            state.queue.finish(count)
            if !isInTime { state.losses.exportTimeout += count }
            return state.takeFlushes(upTo: state.queue.finished)
        }
        flushes.forEach { $0.fulfil(true) }
    }

    // MARK: - The timer

    private func keepTime() async {
        while !Task.isCancelled {
            do {
                try await sleep(configuration.scheduleDelay)
            } catch {
                return  // Cancelled: the pipeline was shut down.
            }
            let worker = state.withLock { state in
                _ = state.queue.expedite()
                return state.queue.isReady ? state.takeIdleWorker() : nil
            }
            worker?.resume()
            reportLosses()
        }
    }

    /// Logs what was lost since the last time, one line an interval however much it is.
    private func reportLosses() {
        let losses = state.withLock { state in
            defer { state.losses = BatchLosses() }
            return state.losses
        }
        losses.log(to: logger, signal: sink.signal, configuration)
    }

    /// Waits for a value, at most for the export timeout.
    private func bounded<Value: Sendable>(_ value: OneShot<Value>, onTimeout fallback: Value) async -> Value {
        let timeout = Task.detached(executorPreference: executor) {
            do {
                try await self.sleep(self.configuration.exportTimeout)
                value.fulfil(fallback)
            } catch {
                // Cancelled: the value came in time.
            }
        }
        defer { timeout.cancel() }
        return await value.wait()
    }
}

extension Duration {
    var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
