import Contracts
import HTTP
import Logging
import Messaging
import Tracing
import Vocabulary

/// The queue between callers that use `?mode=async` and the worker. Tasks wait in the database together with their
/// trace context. Safe to use from any thread.
///
/// A queued task is processed in the trace that queued it. The CONSUMER span is a child of the PRODUCER span, through
/// the stored `traceparent`, and is also linked to it. The messaging conventions require the link and leave the parent
/// open. With a single trace, one id is enough to follow a caller's request to its end. The consumer starts long after
/// the producer has ended, so the self time that Grafana shows for the producer is meaningless.
final class TaskQueue: Sendable {
    private static let name = "tasks"

    private let store: TaskStore
    private let operations: Operations
    private let middleware: (any MessageMiddleware)?
    /// Yields an element when there may be new tasks.
    let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(store: TaskStore, operations: Operations, middleware: (any MessageMiddleware)?) {
        self.store = store
        self.operations = operations
        self.middleware = middleware
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Signals that there may be new tasks.
    func wake() { wakeUp.yield() }

    /// Signals that no more tasks will follow.
    func finish() { wakeUp.finish() }

    /// Stores a task for the worker, with the trace context of its PRODUCER span.
    /// - Returns: the task, or the task already stored under the same key.
    /// - Throws: in the latter case, the errors of ``StoredTask/repeated(for:)``.
    func send(_ task: StoredTask) async throws -> (StoredTask, isNew: Bool) {
        try await operations.run("send tasks", ofKind: .producer, attributes: Self.attributes("send", task)) { span in
            var carrier: [String: String] = [:]
            operations.tracer.inject(span.context, into: &carrier, using: DictionaryCarrier())
            let (stored, isNew) = try store.insert(task, carrying: carrier)
            guard isNew else { return (try stored.repeated(for: task.request), false) }
            operations.logger.info(
                "task queued",
                metadata: [
                    LogField.component: "queue", LogField.taskID: .string(task.id),
                    LogField.guildID: .string(task.request.guildID), LogField.amount: .integer(task.request.amount),
                ])
            wake()
            return (stored, true)
        }
    }

    /// Runs `body` for a task inside its CONSUMER span.
    func receive(_ task: StoredTask, _ body: (any Span) async throws -> Void) async throws {
        var context = ServiceContext.topLevel
        operations.tracer.extract(task.carrier, into: &context, using: DictionaryCarrier())
        let origin = context
        // The caller of a sync task is gone with its process. The task gets a new trace, linked to the old one.
        if task.mode == .sync { context = .topLevel }
        context.requestID = task.requestID
        try await operations.run(
            task.mode == .async ? "process tasks" : "resume tasks", ofKind: .consumer, context: context,
            attributes: Self.attributes("process", task)
        ) { span in
            span.addLink(SpanLink(context: origin))
            guard let middleware else { return try await body(span) }
            try await middleware.handle(task, context: ServiceContext.current ?? span.context, span: span) { context in
                try await ServiceContext.withValue(context) { try await body(span) }
            }
        }
    }

    private static func attributes(_ operation: String, _ task: StoredTask) -> SpanAttributes {
        var attributes = MessagingAttributes.of(operation, destination: name, messageID: task.id)
        attributes[Attribute.taskID] = .string(task.id)
        return attributes
    }
}
