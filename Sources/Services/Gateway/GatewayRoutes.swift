import Contracts
import Encoding
import HTTP
import Vocabulary

extension GatewayService {
    func createTask(_ request: Request, _ context: RequestContext) async throws -> Response {
        let body = try CreateTaskRequest(request)
        let mode = try TaskMode(request)
        let key = request.headers[Header.idempotencyKey] ?? "gw-" + Hex.string(dependencies.randomUInt64())
        guard !key.isEmpty, key.utf8.count <= 128 else {
            throw HTTPError(
                .badRequest, type: "invalid-idempotency-key", message: "an Idempotency-Key has 1 to 128 characters")
        }
        let answer = try await tasks.send(
            .post, "/v1/tasks", template: "/v1/tasks", query: mode == .async ? "?mode=async" : "",
            headers: [Header.contentType: "application/json", Header.idempotencyKey: key], body: body.json
        ).checked(from: tasks.name)
        return passOn(answer)
    }

    func showTask(_ request: Request, _ context: RequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let answer = try await tasks.send(
            .get, "/v1/tasks/" + PercentEncoding.encode(id), template: "/v1/tasks/{id}")
        return passOn(try answer.checked(from: tasks.name))
    }

    func listTasks(_ request: Request, _ context: RequestContext) async throws -> Response {
        // Parsed only to reject what the tasks service would reject.
        _ = try TaskQuery(request.queryParameters)
        let answer = try await tasks.send(
            .get, "/v1/tasks", template: "/v1/tasks", query: request.query.map { "?" + $0 } ?? "")
        return passOn(try answer.checked(from: tasks.name))
    }

    func balance(_ request: Request, _ context: RequestContext) async throws -> Response {
        passOn(try await payments.balance(guildID: try context.parameters.require("id")))
    }

    private func passOn(_ answer: HTTPClient.Response) -> Response {
        var headers: HTTPFields = [Header.contentType: answer.headers[Header.contentType] ?? "application/json"]
        if let location = answer.headers[Header.location] { headers[Header.location] = location }
        return Response(status: answer.status, headers: headers, body: answer.body)
    }
}
