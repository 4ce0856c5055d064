import Contracts
import Encoding
import HTTP
import Vocabulary

extension TasksService {
    /// Runs the saga while the caller waits. With `?mode=async`, leaves the task to the worker and answers 202.
    func create(_ request: Request, _ context: RequestContext) async throws -> Response {
        let task = try StoredTask(request, requestID: context.id, randomUInt64: dependencies.randomUInt64)
        let (stored, isNew) = task.mode == .async ? try await queue.send(task) : try await perform(task)
        return answer(stored, stored.mode == .async ? .accepted : isNew ? .created : .ok)
    }

    private func perform(_ task: StoredTask) async throws -> (StoredTask, isNew: Bool) {
        let (stored, isNew) = try store.insert(task, carrying: [:])
        guard isNew else { return (try stored.repeated(for: task.request), false) }
        return (try await worker.whileInFlight(task.id) { try await saga.run(stored) }, true)
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
        response.headers[Header.location] = "/v1/tasks/" + task.id
        return response
    }
}
