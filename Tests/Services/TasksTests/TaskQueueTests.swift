import Contracts
import Encoding
import HTTP
import Logging
import Messaging
import OTelSDK
import SQLite
import Synchronization
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import Tasks

@Suite("The task queue")
struct TaskQueueTests {
    private let spans = InMemorySpanExporter()
    private let tracer: OTelTracer

    init() { tracer = OTelTracer(processor: spans, ids: .seeded(7), clock: TraceClock(wall: .system)) }

    /// Remembers what it sees, and does what it is told to.
    private final class Watcher: MessageMiddleware, StatementInterceptor {
        private let seen = Mutex<[String]>([])
        private let error: (any Error)?
        var all: [String] { seen.withLock { $0 } }

        init(throwing error: (any Error)? = nil) { self.error = error }

        func handle(
            _ message: any QueuedMessage, context: ServiceContext, span: any Span,
            next: (ServiceContext) async throws -> Void
        ) async throws {
            let values = ["guild_id", "task_id", "workload", "request_id", "mode", "amount"].map {
                message.value(forKey: $0) ?? "-"
            }
            seen.withLock { $0.append(([message.operation] + values).joined(separator: " ")) }
            if let error { throw error }
            var context = context
            context.requestID = "changed"
            try await next(context)
        }

        func willExecute(_ name: String) throws {
            seen.withLock { $0.append(name) }
            if let error { throw error }
        }
    }

    private static let task = StoredTask(
        id: "t-1",
        request: CreateTaskRequest(guildID: "g-1", amount: 5, workload: WorkloadSpec(kind: .sort, size: 10)),
        mode: .async, idempotencyKey: "k", requestID: "r-1")

    private func queue(
        statements: (any StatementInterceptor)? = nil, messages: (any MessageMiddleware)? = nil
    ) throws -> TaskQueue {
        let operations = Operations(tracer: tracer, logger: .noOp, statements: statements)
        return TaskQueue(
            store: try TaskStore(path: ":memory:", operations: operations, clock: .system), operations: operations,
            middleware: messages)
    }

    @Test("A received task continues the trace of its sender and links to it")
    func aReceivedTaskContinuesTheTraceOfItsSender() async throws {
        let queue = try queue()
        let (stored, isNew) = try await queue.send(Self.task)
        #expect(isNew)
        try await queue.receive(stored) { _ in }
        let sent = try #require(spans.spans.first { $0.name == "send tasks" })
        let received = try #require(spans.spans.first { $0.name == "process tasks" })
        #expect(sent.kind == .producer && received.kind == .consumer)
        #expect(received.context.traceID == sent.context.traceID)
        #expect(received.parentSpanID == sent.context.spanID)
        #expect(received.links.map(\.context.spanContext?.spanID) == [sent.context.spanID])
        for span in [sent, received] {
            #expect(span.attributes["messaging.destination.name"] == "tasks")
            #expect(span.attributes["messaging.message.id"] == "t-1")
            #expect(span.attributes["tailspan.task.id"] == "t-1")
        }
    }

    @Test("A repeated key returns the first task, and is refused for a different one")
    func aRepeatedKeyReturnsTheFirstTask() async throws {
        let queue = try queue()
        _ = try await queue.send(Self.task)
        let again = StoredTask(
            id: "t-2", request: Self.task.request, mode: .async, idempotencyKey: "k", requestID: "r-2")
        let (stored, isNew) = try await queue.send(again)
        #expect(stored.id == "t-1" && !isNew)
        let other = StoredTask(
            id: "t-3",
            request: CreateTaskRequest(guildID: "g-1", amount: 6, workload: WorkloadSpec(kind: .sort, size: 10)),
            mode: .async, idempotencyKey: "k", requestID: "r-3")
        let error = await #expect(throws: HTTPError.self) { try await queue.send(other) }
        #expect(error?.type == "idempotency-key-reused")
        // A refusal is no failure of the span.
        #expect(spans.spans.last { $0.name == "send tasks" }?.status == nil)
    }

    @Test("Middleware sees the message and can change the context of its processing")
    func middlewareSeesTheMessageAndChangesItsContext() async throws {
        let watcher = Watcher()
        let queue = try queue(messages: watcher)
        let seen = Mutex<String?>(nil)
        try await queue.receive(Self.task) { _ in seen.withLock { $0 = ServiceContext.current?.requestID } }
        #expect(watcher.all == ["process-task g-1 t-1 sort r-1 async -"])
        #expect(seen.withLock { $0 } == "changed")
    }

    @Test("An error of the middleware fails the CONSUMER span and stops the processing")
    func anErrorOfTheMiddlewareStopsProcessing() async throws {
        let queue = try queue(messages: Watcher(throwing: CancellationError()))
        let isWorkedOn = Mutex(false)
        await #expect(throws: CancellationError.self) {
            try await queue.receive(Self.task) { _ in isWorkedOn.withLock { $0 = true } }
        }
        #expect(!isWorkedOn.withLock { $0 })
        #expect(spans.spans.first { $0.name == "process tasks" }?.status?.code == .error)
    }

    @Test("A statement hook sees each statement by name within its span, and can refuse it")
    func aStatementHookSeesAndRefusesStatements() async throws {
        let watcher = Watcher()
        _ = try await queue(statements: watcher).send(Self.task)
        #expect(watcher.all == ["INSERT tasks"])
        let refused = Watcher(throwing: SQLiteError(code: 10, message: "disk I/O error"))
        await #expect(throws: SQLiteError.self) { try await queue(statements: refused).send(Self.task) }
        #expect(spans.spans.last { $0.name == "INSERT tasks" }?.status?.code == .error)
    }
}
