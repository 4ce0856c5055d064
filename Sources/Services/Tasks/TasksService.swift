import Configuration
import Contracts
import HTTP
import ServiceLifecycle
import Vocabulary

/// Owns the tasks: stores them and drives each through its saga.
package struct TasksService: ServiceDefinition {
    package static let role = ServiceRole.tasks

    let store: TaskStore
    let saga: TaskSaga
    let queue: TaskQueue
    let worker: TaskWorker
    let operations: Operations
    let dependencies: ServiceDependencies
    package let readinessChecks: [ReadinessCheck]

    package init(dependencies: ServiceDependencies) async throws {
        self.dependencies = dependencies
        let path = dependencies.dataDirectory.map { $0 + "/" + TaskStore.name } ?? ":memory:"
        operations = Operations(
            tracer: dependencies.tracer, logger: dependencies.logger, statements: dependencies.interceptors.statements)
        store = try TaskStore(
            path: path, operations: operations, clock: dependencies.clock,
            commits: GroupCommit(
                eventLoop: dependencies.eventLoop, logger: dependencies.logger, metrics: dependencies.metrics,
                database: TaskStore.name))
        var patient = UpstreamClient.Configuration()
        patient.timeout = .seconds(15)
        // With retries after a lost answer, a refusal would not prove that nothing is held. The saga releases the
        // amount instead.
        var exact = UpstreamClient.Configuration()
        exact.retriesLostAnswers = false
        saga = TaskSaga(
            store: store, payments: PaymentsClient(try dependencies.upstream(.payments, configuration: exact)),
            executor: ExecutorClient(try dependencies.upstream(.executor, configuration: patient)),
            eventLoop: dependencies.eventLoop, logger: dependencies.logger)
        queue = TaskQueue(store: store, operations: operations, middleware: dependencies.interceptors.messages)
        worker = TaskWorker(
            queue: queue, store: store, saga: saga, logger: dependencies.logger, eventLoop: dependencies.eventLoop,
            concurrency: try dependencies.environment.integer("WORKER_CONCURRENCY", default: 8, in: 1...256),
            metrics: dependencies.metrics)
        readinessChecks = [
            ReadinessCheck(name: "store") { [store] in try store.ping() },
            try .upstream(.payments, dependencies), try .upstream(.executor, dependencies),
        ]
    }

    package func addRoutes(to router: Router) {
        router.post("/v1/tasks", use: create)
        router.get("/v1/tasks/{id}", use: show)
        router.get("/v1/tasks", use: list)
    }

    package var backgroundServices: [any Service] { [worker] }

    package func close() async { store.close() }
}
