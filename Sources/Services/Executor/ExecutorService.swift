import Configuration
import Contracts
import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import ServiceLifecycle
import Tracing
import Vocabulary

/// Computes workloads: small ones at once, all others on a thread pool, so the loop that serves requests is never
/// blocked for long.
package struct ExecutorService: ServiceDefinition {
    package static let role = ServiceRole.executor

    let pool: ThreadPool
    let runner: WorkloadRunner
    let executorID: String
    let operations: Operations

    package init(dependencies: ServiceDependencies) async throws {
        let threads = try dependencies.environment.integer("EXECUTOR_THREADS", default: 2, in: 1...256)
        let queue = try dependencies.environment.integer("EXECUTOR_QUEUE", default: 64, in: 0...100_000)
        let small = try dependencies.environment.integer(
            "EXECUTOR_SMALL_WORKLOAD", default: 20_000, in: 0...10_000_000)
        let pool = try ThreadPool(name: "executor", threads: threads, queueCapacity: queue)
        self.pool = pool
        runner = WorkloadRunner(pool: pool, smallWorkload: small, interceptor: dependencies.interceptors.pool)
        executorID = dependencies.environment.string("EXECUTOR_ID", default: "exec-1")
        operations = Operations(tracer: dependencies.tracer, logger: dependencies.logger)
        dependencies.metrics.observe(
            label: "tailspan.executor.queue.depth", description: "Workloads that wait for a thread.",
            unit: "{workload}", kind: .gauge, dimensions: []
        ) { Double(pool.queueDepth) }
        dependencies.metrics.observe(
            label: "tailspan.executor.active", description: "Workloads being computed by the pool's threads.",
            unit: "{workload}", kind: .gauge, dimensions: []
        ) { Double(pool.activeCount) }
    }

    package func addRoutes(to router: Router) {
        router.post("/v1/executions", use: execute)
    }

    package var backgroundServices: [any Service] { [] }

    package var readinessChecks: [ReadinessCheck] {
        [
            ReadinessCheck(name: "pool") { [pool] in
                guard pool.queueDepth < max(1, pool.queueCapacity) else {
                    throw HTTPError(.serviceUnavailable, message: "the queue is full")
                }
            }
        ]
    }

    package func close() async { await pool.shutdown() }

    /// Computes one workload. The answer depends on the request alone, so repeated keys need no stored result.
    func execute(_ request: Request, _ context: RequestContext) async throws -> Response {
        let body = try ExecutionRequest(request)
        let execution = try await compute(body)
        context.logger.info(
            "workload computed",
            metadata: [
                LogField.component: "executor", LogField.taskID: .string(body.taskID),
                LogField.executorID: .string(executorID), LogField.workload: .string(body.workload.kind.rawValue),
                LogField.size: .integer(body.workload.size), LogField.durationMS: .double(execution.durationMS),
                LogField.memoryBytes: .integer(execution.memoryBytes),
            ])
        return Response.json(status: .created) { execution.write(to: &$0) }
    }

    private func compute(_ body: ExecutionRequest) async throws -> Execution {
        do {
            return try await operations.run(
                "compute " + body.workload.kind.rawValue,
                attributes: [
                    Attribute.taskID: .string(body.taskID),
                    Attribute.workloadKind: .string(body.workload.kind.rawValue),
                    Attribute.workloadSize: .int64(body.workload.size),
                ]
            ) { _ in
                let (outcome, elapsed) = try await runner.run(body.workload)
                return Execution(
                    executorID: executorID, result: outcome.result, durationMS: elapsed.milliseconds,
                    memoryBytes: outcome.memoryBytes)
            }
        } catch is ThreadPool.QueueFull {
            throw HTTPError(
                .serviceUnavailable, type: "executor-busy", message: "every thread is busy and the queue is full",
                headers: [Header.retryAfter: "1"])
        }
    }
}
