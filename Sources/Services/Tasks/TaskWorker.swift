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

/// Processes stored tasks: those queued by `?mode=async`, and, at startup and periodically, those that were
/// interrupted.
final class TaskWorker: Service {
    private let queue: TaskQueue
    private let store: TaskStore
    private let saga: TaskSaga
    private let logger: Logger
    private let eventLoop: EventLoop
    private let concurrency: Int
    private let inFlight = Mutex<Set<String>>([])
    /// Tasks that could not be finished, each with the time of the next attempt. The pause spares an upstream that is
    /// down.
    private let resting = Mutex<[String: ContinuousClock.Instant]>([:])

    /// How long a task may go without an update before it counts as interrupted.
    private static let patience: Duration = .seconds(30)
    /// The pause before a task that could not be finished is retried.
    private static let rest: Duration = .seconds(5)

    init(
        queue: TaskQueue, store: TaskStore, saga: TaskSaga, logger: Logger, eventLoop: EventLoop, concurrency: Int,
        metrics: any MetricsFactory
    ) {
        self.queue = queue
        self.store = store
        self.saga = saga
        self.logger = logger
        self.eventLoop = eventLoop
        self.concurrency = concurrency
        metrics.observe(
            label: "tailspan.tasks.queue.depth", description: "Tasks that are stored and not finished.",
            unit: "{task}", kind: .gauge, dimensions: []
        ) { [weak self] in
            guard let self, let count = try? self.store.unfinishedCount() else { return .nan }
            return Double(count)
        }
    }

    /// Runs `body` while the task is marked as in flight, so that the worker leaves it alone.
    func whileInFlight<T>(_ id: String, _ body: () async throws -> T) async rethrows -> T {
        _ = inFlight.withLock { $0.insert(id) }
        defer { _ = inFlight.withLock { $0.remove(id) } }
        return try await body()
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            // Tasks left unfinished by an earlier process have no owner now.
            while true {
                let left = try self.claim(mode: nil, untouchedFor: .zero)
                if left.isEmpty || Task.isCancelled { break }
                await self.process(left)
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepLooking() }
                group.addTask { for await _ in self.queue.wakeUps { await self.drainQueue() } }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Looks for interrupted tasks every few seconds, and wakes the queue in case a wake-up arrived while it was being
    /// read.
    private func keepLooking() async {
        while true {
            do {
                try await eventLoop.sleep(for: .seconds(5))
                queue.wake()
                await process(try claim(mode: nil, untouchedFor: Self.patience))
            } catch is CancellationError {
                return queue.finish()
            } catch {
                logger.warning("looking for unfinished tasks failed", error: error)
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
            logger.warning("the queue could not be read", error: error)
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

    /// Processes `tasks` with bounded concurrency.
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
                    // Stopping: the task stays stored and is processed at the next start.
                    guard !Task.isCancelled else { return }
                    await self.process(task)
                }
                running += 1
            }
        }
    }

    private func process(_ task: StoredTask) async {
        do {
            try await queue.receive(task) { span in try await runSaga(task, span) }
        } catch {
            // The queue has marked the span and written the line. The task stays stored as it is.
            resting.withLock { $0[task.id] = .now + Self.rest }
        }
    }

    /// A refusal (such as an unknown guild or insufficient balance) is an outcome of the task, not an error of the
    /// worker.
    private func runSaga(_ task: StoredTask, _ span: any Span) async throws {
        do {
            let finished = try await saga.run(task)
            span.attributes[Attribute.taskState] = .string(finished.state.rawValue)
        } catch let error as HTTPError where error.status.isClientError {
            span.attributes[Attribute.taskState] = .string(TaskState.failed.rawValue)
        }
        // Without an answer, nothing else would tell that the outcome could not be stored.
        try await store.waitUntilStored()
    }
}
