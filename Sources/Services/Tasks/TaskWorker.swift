import Contracts
import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import ServiceLifecycle
import Synchronization
import Tracing
import Vocabulary

/// Picks up stored tasks: those queued by `?mode=async`, and at the start and now and then those that were left half way.
///
/// A queued task is processed in the trace that queued it: the CONSUMER span is the PRODUCER span's child, by the stored
/// `traceparent`, and is linked to it as well. The messaging conventions ask for the link and leave the parent open; as
/// one trace, what a caller asked for can be followed to its end with one id. The consumer begins when the producer has
/// long ended, so that what Grafana calls the producer's self time means nothing.
final class TaskWorker: Service {
    private let store: TaskStore
    private let saga: TaskSaga
    private let operations: Operations
    private let eventLoop: EventLoop
    private let concurrency: Int
    private let faults: (any FaultPoints)?
    private let inFlight = Mutex<Set<String>>([])
    /// Tasks that could be brought to no end, and when to try again: an upstream that is down is not to be stormed.
    private let resting = Mutex<[String: ContinuousClock.Instant]>([:])
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    /// How long a task may lie untouched before it counts as left half way.
    private static let patience: Duration = .seconds(30)
    /// How long a task rests that could be brought to no end.
    private static let rest: Duration = .seconds(5)

    init(
        store: TaskStore, saga: TaskSaga, operations: Operations, eventLoop: EventLoop, concurrency: Int,
        metrics: any MetricsFactory, faults: (any FaultPoints)? = nil
    ) {
        self.faults = faults
        self.store = store
        self.saga = saga
        self.operations = operations
        self.eventLoop = eventLoop
        self.concurrency = concurrency
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        metrics.observe(
            label: "tailspan.tasks.queue.depth", description: "Tasks that are stored and not finished.",
            unit: "{task}", kind: .gauge, dimensions: []
        ) { [weak self] in
            guard let self, let count = try? self.store.unfinishedCount() else { return .nan }
            return Double(count)
        }
    }

    /// Says that there is a new task.
    func wake() { wakeUp.yield() }

    /// Runs `body` with the task marked as being worked on, so that the worker leaves it alone.
    func whileInFlight<T>(_ id: String, _ body: () async throws -> T) async rethrows -> T {
        _ = inFlight.withLock { $0.insert(id) }
        defer { _ = inFlight.withLock { $0.remove(id) } }
        return try await body()
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            // What an earlier process left half way is nobody's now.
            while true {
                let left = try self.claim(mode: nil, untouchedFor: .zero)
                if left.isEmpty || Task.isCancelled { break }
                await self.process(left)
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepLooking() }
                group.addTask { for await _ in self.wakeUps { await self.drainQueue() } }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Looks for forgotten tasks every few seconds, and wakes the queue in case a wake-up came while it was being read.
    private func keepLooking() async {
        while true {
            do {
                try await eventLoop.sleep(for: .seconds(5))
                wake()
                await process(try claim(mode: nil, untouchedFor: Self.patience))
            } catch is CancellationError {
                return wakeUp.finish()
            } catch {
                operations.logger.warning("looking for unfinished tasks failed", error: error)
            }
        }
    }

    private func drainQueue() async {
        do {
            while !Task.isCancelled {
                let tasks = try claim(mode: .async, untouchedFor: .zero)
                guard !tasks.isEmpty else { return }
                await process(tasks)
            }
        } catch {
            operations.logger.warning("the queue could not be read", error: error)
        }
    }

    private func claim(mode: TaskMode?, untouchedFor age: Duration) throws -> [StoredTask] {
        let moment = store.now() &- UInt64(age.seconds * 1e9)
        let asleep = resting.withLock { resting in
            resting = resting.filter { $0.value > .now }
            return Set(resting.keys)
        }
        let busy = inFlight.withLock { $0.count }
        let found = try store.unfinished(
            mode: mode, before: moment, limit: concurrency * 4 + busy + asleep.count)
        return inFlight.withLock { inFlight in
            found.filter { !asleep.contains($0.id) && inFlight.insert($0.id).inserted }
        }
    }

    /// Works on `tasks`, a bounded number at a time.
    private func process(_ tasks: [StoredTask]) async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for task in tasks {
                if running == concurrency {
                    await group.next()
                    running -= 1
                }
                group.addTask {
                    defer { _ = self.inFlight.withLock { $0.remove(task.id) } }
                    // Stopping: it stays stored and is taken up at the next start.
                    guard !Task.isCancelled else { return }
                    await self.process(task)
                }
                running += 1
            }
        }
    }

    private func process(_ task: StoredTask) async {
        var context = ServiceContext.topLevel
        operations.tracer.extract(task.carrier, into: &context, using: DictionaryCarrier())
        let origin = context
        // The caller of a sync task is gone with the process that served it: a trace of its own, linked to the old one.
        if task.mode == .sync { context = .topLevel }
        context.requestID = task.requestID
        do {
            try await operations.run(
                task.mode == .async ? "process tasks" : "resume tasks", ofKind: .consumer, context: context,
                attributes: Messaging.attributes("process", taskID: task.id)
            ) { span in
                span.addLink(SpanLink(context: origin))
                try await inTheOpen(task, span) { try await runSaga(task, span) }
            }
        } catch {
            // Operations has marked the span and written the line; the task is stored as it stands.
            resting.withLock { $0[task.id] = .now + Self.rest }
        }
    }

    /// Lets faults get at a task that comes from the queue.
    private func inTheOpen(_ task: StoredTask, _ span: any Span, _ body: () async throws -> Void) async throws {
        guard let faults else { return try await body() }
        let context = try await faults.beforeQueued(
            "process-task", in: ServiceContext.current ?? span.context, span: span, value: task.matchableValue)
        try await ServiceContext.withValue(context, operation: body)
    }

    /// A refusal (no such guild, too little balance) is an outcome of the task, not an error of the worker.
    private func runSaga(_ task: StoredTask, _ span: any Span) async throws {
        do {
            let finished = try await saga.run(task)
            span.attributes[Attribute.taskState] = .string(finished.state.rawValue)
        } catch let error as HTTPError where error.status.isClientError {
            span.attributes[Attribute.taskState] = .string(TaskState.failed.rawValue)
        }
    }
}
