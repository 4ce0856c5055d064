import Encoding
import Logging
import Metrics
import Synchronization

/// Collects records, exports them in batches one at a time, and reports losses. Shared by the batch processors for
/// spans and log records (OpenTelemetry Trace SDK, "Batching processor").
///
/// It runs its own tasks from its creation until ``shutdown()``, which must be called for it to be freed.
final class BatchPipeline<Batch: RecordBatch & Sendable>: Sendable {
    /// Suspends for a duration; throws when the task is cancelled.
    typealias Sleep = @Sendable (Duration) async throws -> Void

    /// What is exported, and how.
    struct Sink: Sendable {
        /// The name of a record in metric names: `span` or `log`.
        var signal: String
        /// Its UCUM unit, such as `{span}`.
        var unit: String
        /// `otel.component.type`
        var componentType: String
        /// `otel.component.name`
        var componentName: String
        var export: @Sendable (Batch) async -> ExportResult
        /// Counts a batch that will not be retried.
        var giveUp: @Sendable (Int, _ reason: String) -> Void
        var shutdown: @Sendable () async -> Void
    }

    struct State: Sendable {
        var queue: BatchQueue<Batch>
        /// The worker, while it is idle.
        var idleWorker: CheckedContinuation<Void, Never>?
        /// Tasks that wait until every record up to an ordinal is finished.
        var flushes: [(target: UInt64, done: OneShot<Bool?>)] = []
        /// The export call in progress.
        var call: Task<Void, Never>?
        /// The wait before the current batch is exported again.
        var pause: OneShot<Bool?>?
        /// Waits of the shutdown, which end early if it is cancelled.
        var shutdownWaits: [OneShot<Bool?>] = []
        var isInHurry = false
        /// The number of records the exporter has delivered, including refused ones.
        var delivered = 0
        var unsent = 0
        var tasks: [Task<Void, Never>] = []
        var shutdown: Task<Void, Never>?
        var isRefusing = false
        var isStopped = false
        var losses = BatchLosses()

        mutating func takeIdleWorker() -> CheckedContinuation<Void, Never>? {
            defer { idleWorker = nil }
            return idleWorker
        }

        /// Removes and returns the flushes that waited for records up to `ordinal`.
        mutating func takeFlushes(upTo ordinal: UInt64) -> [OneShot<Bool?>] {
            let done = flushes.filter { $0.target <= ordinal }.map(\.done)
            flushes.removeAll { $0.target <= ordinal }
            return done
        }
    }

    let sink: Sink
    let configuration: BatchProcessorConfiguration
    let executor: (any TaskExecutor)?
    let sleep: Sleep
    let now: @Sendable () -> ContinuousClock.Instant
    let random: @Sendable () -> Double
    private let logger: Logger
    let metrics: ProcessorMetrics
    let state: Mutex<State>

    init(
        sink: Sink, configuration: BatchProcessorConfiguration, executor: (any TaskExecutor)?, sleep: @escaping Sleep,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger, metrics: any MetricsFactory
    ) {
        self.sink = sink
        self.configuration = configuration
        self.executor = executor
        self.sleep = sleep
        self.now = now
        self.random = random
        self.logger = logger
        self.metrics = ProcessorMetrics(
            signal: sink.signal, unit: sink.unit, componentType: sink.componentType,
            componentName: sink.componentName, factory: metrics)
        let queue = BatchQueue<Batch>(
            capacity: configuration.maximumQueueSize, batchSize: configuration.maximumExportBatchSize)
        state = Mutex(State(queue: queue))
        self.metrics.observeQueue(capacity: configuration.maximumQueueSize, in: metrics) { [weak self] in
            self?.state.withLock { $0.queue.count } ?? 0
        }
        // Detached, so that the pipeline does not inherit its creator's context.
        let worker = Task.detached(executorPreference: executor) { await self.exportBatches() }
        let timer = Task.detached(executorPreference: executor) { await self.keepTime() }
        state.withLock { $0.tasks = [worker, timer] }
    }

    /// Accepts the record that `write` appends, from any thread. Drops and counts it if the queue is full or the
    /// pipeline was shut down. `write` runs under a lock.
    @inline(__always)
    func append(_ write: (inout Batch) -> Void) {
        let (admission, worker) = state.withLock { state -> (BatchAdmission?, CheckedContinuation<Void, Never>?) in
            guard !state.isRefusing else { return (nil, nil) }
            let admission = state.queue.append(write)
            switch admission {
            case .accepted: return (admission, nil)
            case .acceptedAndBatchIsFull: return (admission, state.takeIdleWorker())
            case .refused:
                state.losses.queueFull += 1
                return (admission, nil)
            }
        }
        if admission == .accepted { return }
        follow(admission, worker)
    }

    /// Does what follows from an unusual admission, outside the lock; `nil` means that the pipeline was shut down.
    @inline(never)
    private func follow(_ admission: BatchAdmission?, _ worker: CheckedContinuation<Void, Never>?) {
        switch admission {
        case .accepted: break
        case .acceptedAndBatchIsFull: worker?.resume()
        case .refused: metrics.queueFull.increment()
        case nil: metrics.alreadyShutDown.increment()
        }
    }

    /// Exports everything accepted so far and waits for it, at most for the export timeout. A batch that waits for its
    /// backend is tried at once.
    func forceFlush() async {
        let done = OneShot<Bool?>()
        let (worker, pause) = state.withLock { state -> (CheckedContinuation<Void, Never>?, OneShot<Bool?>?) in
            let target = state.queue.expedite()
            if state.isStopped || state.queue.finished >= target {
                done.fulfil(true)
                return (nil, nil)
            }
            state.flushes.append((target, done))
            if state.isInHurry { done.fulfil(nil) } else if state.isRefusing { state.shutdownWaits.append(done) }
            return (state.takeIdleWorker(), state.pause)
        }
        worker?.resume()
        pause?.fulfil(true)
        if await bounded(done) == nil {
            let isInHurry = state.withLock { state in
                state.flushes.removeAll { $0.done === done }
                return state.isInHurry
            }
            // The wait was cut short, not timed out, and the loss is reported anyway.
            if isInHurry { return }
            logger.warning(
                "Flushing telemetry took too long and was given up",
                metadata: [
                    "signal": .string(sink.signal),
                    "timeout_ms": .integer(configuration.exportTimeout.wholeMilliseconds),
                ])
        }
    }

    /// Refuses further records, exports the queued ones like ``forceFlush()``, gives up the rest, and shuts the
    /// exporter down. Further calls wait for the first. If a caller's task is cancelled, unsent records are given up at
    /// once.
    func shutdown() async {
        let task = state.withLock { state in
            state.isRefusing = true
            let task = state.shutdown ?? Task.detached(executorPreference: executor) { await self.flushAndStop() }
            state.shutdown = task
            return task
        }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            let waits = state.withLock { state in
                state.isInHurry = true
                defer { state.shutdownWaits = [] }
                return state.shutdownWaits
            }
            waits.forEach { $0.fulfil(nil) }
        }
    }

    /// The number of records found by the shutdown that were not delivered.
    var unsent: Int { state.withLock { $0.unsent } }

    private func flushAndStop() async {
        let (held, delivered) = state.withLock { ($0.queue.count, $0.delivered) }
        if !state.withLock({ $0.isInHurry }) { await forceFlush() }
        let (worker, flushes, pause, running, lost) = state.withLock { state in
            state.isStopped = true
            state.unsent = held - (state.delivered - delivered)
            let lost = state.queue.removeAll()
            state.losses.shutdownTimeout += lost
            let running = state.tasks + (state.call.map { [$0] } ?? [])
            return (state.takeIdleWorker(), state.takeFlushes(upTo: .max), state.pause, running, lost)
        }
        running.forEach { $0.cancel() }
        worker?.resume()
        pause?.fulfil(nil)
        flushes.forEach { $0.fulfil(true) }
        if lost > 0 { metrics.givenUp.increment(by: Int64(lost)) }
        reportLosses()
        // The exporter may hang too.
        let done = OneShot<Bool?>()
        state.withLock { $0.shutdownWaits.append(done) }
        let shutdown = Task.detached(executorPreference: executor) {
            await self.sink.shutdown()
            done.fulfil(true)
        }
        if state.withLock({ $0.isInHurry }) { done.fulfil(nil) }
        if await bounded(done) == nil { shutdown.cancel() }
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

    /// Logs the losses since the last report, one line per kind and interval.
    func reportLosses() {
        let losses = state.withLock { state in
            defer { state.losses = BatchLosses() }
            return state.losses
        }
        losses.log(to: logger, signal: sink.signal, configuration)
    }

    /// Waits for a value, at most for the export timeout; `nil` after that.
    func bounded<Value: Sendable>(_ value: OneShot<Value?>) async -> Value? {
        let timeout = Task.detached(executorPreference: executor) {
            do {
                try await self.sleep(self.configuration.exportTimeout)
                value.fulfil(nil)
            } catch {
                // Cancelled: the value arrived in time.
            }
        }
        defer { timeout.cancel() }
        return await value.wait()
    }
}
