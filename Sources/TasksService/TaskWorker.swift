import Contracts
import EventLoop
import HTTP
import Logging
import Metrics
import ServiceLifecycle
import Synchronization
import Tracing

/// Picks up stored tasks: those queued by `?mode=async`, and at the start and now and then those that were left half way.
final class TaskWorker: Service {
    private let queue: TaskQueue
    private let store: TaskStore
    private let saga: TaskSaga
    private let logger: Logger
    private let eventLoop: EventLoop
    private let concurrency: Int
    private let inFlight = Mutex<Set<String>>([])
    /// Tasks that could be brought to no end, and when to try again: an upstream that is down is not to be stormed.
    private let resting = Mutex<[String: ContinuousClock.Instant]>([:])

    /// How long a task may lie untouched before it counts as left half way.
    private static let patience: Duration = .seconds(30)
    /// How long a task rests that could be brought to no end.
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
                group.addTask { for await _ in self.queue.wakeUps { await self.drainQueue() } }
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
        do {
            try await queue.receive(task) { span in try await runSaga(task, span) }
        } catch {
            // The queue has marked the span and written the line; the task is stored as it stands.
            resting.withLock { $0[task.id] = .now + Self.rest }
        }
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
