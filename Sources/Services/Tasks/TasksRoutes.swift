import Contracts
import Encoding
import HTTP
import Logging
import Tracing
import Vocabulary

extension TasksService {
    /// Runs the saga while the caller waits, or with `?mode=async` stores the task for the worker and answers 202.
    func create(_ request: Request, _ context: RequestContext) async throws -> Response {
        let body = try CreateTaskRequest(request)
        let mode = try TaskMode(request)
        let key = request.headers[Header.idempotencyKey] ?? "auto-" + Hex.string(dependencies.randomUInt64())
        let task = StoredTask(
            id: "t-" + Hex.string(dependencies.randomUInt64()), request: body, mode: mode, idempotencyKey: key,
            requestID: context.id)
        guard mode == .async else {
            let (stored, isNew) = try store.insert(task, carrying: [:])
            guard isNew else { return try replay(stored, of: body) }
            let settled = try await worker.whileInFlight(task.id) { try await saga.run(stored) }
            return answer(settled, .created)
        }
        return try await operations.run(
            "send tasks", ofKind: .producer, attributes: Messaging.attributes("send", taskID: task.id)
        ) { span in
            var carrier: [String: String] = [:]
            dependencies.tracer.inject(span.context, into: &carrier, using: DictionaryCarrier())
            let (stored, isNew) = try store.insert(task, carrying: carrier)
            guard isNew else { return try replay(stored, of: body) }
            context.logger.info(
                "task queued",
                metadata: [
                    LogField.component: "queue", LogField.taskID: .string(task.id),
                    LogField.guildID: .string(body.guildID), LogField.amount: .integer(body.amount),
                ])
            worker.wake()
            return answer(stored, .accepted)
        }
    }

    /// The same key was used before: the answer is what it was then, failures included.
    private func replay(_ stored: StoredTask, of body: CreateTaskRequest) throws -> Response {
        guard stored.request == body else {
            throw HTTPError(
                .unprocessableContent, type: "idempotency-key-reused",
                message: "the Idempotency-Key was used for another request")
        }
        if stored.mode == .async { return answer(stored, .accepted) }
        if let failure = stored.failure { throw failure.httpError }
        guard stored.state.isFinal else {
            throw HTTPError(
                .conflict, type: "request-in-progress",
                message: "a request with this Idempotency-Key is still being carried out",
                headers: [Header.retryAfter: "1"])
        }
        return answer(stored, .ok)
    }

    func show(_ request: Request, _ context: RequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        guard let task = try store.find(id) else {
            throw HTTPError(.notFound, type: "unknown-task", message: "there is no task \(id)")
        }
        return Response.json { task.view.write(to: &$0) }
    }

    func list(_ request: Request, _ context: RequestContext) async throws -> Response {
        let query = try TaskQuery(request.queryParameters)
        let page = try store.list(query)
        return Response.json {
            $0.object {
                $0.name("tasks")
                $0.array { for task in page.tasks { task.view.write(to: &$0) } }
                if let next = page.nextCursor { $0.member("next_cursor", next) }
            }
        }
    }

    private func answer(_ task: StoredTask, _ status: HTTPStatus) -> Response {
        var response = Response.json(status: status) { task.view.write(to: &$0) }
        response.headers["location"] = "/v1/tasks/" + task.id
        return response
    }
}

/// The attributes of PRODUCER and CONSUMER spans (OpenTelemetry semantic conventions, messaging).
enum Messaging {
    static func attributes(_ operation: String, taskID: String) -> SpanAttributes {
        [
            "messaging.system": "tailspan", "messaging.destination.name": "tasks",
            "messaging.operation.name": .string(operation), "messaging.operation.type": .string(operation),
            "messaging.message.id": .string(taskID), Attribute.taskID: .string(taskID),
        ]
    }
}
