import HTTP
import Vocabulary

extension TaskMode {
    /// Parses the query parameter `mode`.
    /// - Throws: ``HTTPError`` 422 for any other value of `mode`.
    package init(_ request: Request) throws {
        guard request.query != nil, let text = request.queryParameters["mode"] else {
            self = .sync
            return
        }
        guard let mode = TaskMode(rawValue: text) else {
            throw HTTPError(invalid: "mode", "must be sync or async")
        }
        self = mode
    }
}

/// `GET /v1/tasks?guild_id=&status=&limit=&cursor=`: newest first.
package struct TaskQuery: Sendable, Equatable {
    package var guildID: String?
    package var state: TaskState?
    package var limit: Int
    /// The position in the list, from `next_cursor`; only older tasks are returned.
    package var cursor: Int64?

    /// - Throws: ``HTTPError`` 422 that names the parameter.
    package init(_ parameters: QueryParameters) throws {
        guildID = parameters["guild_id"].flatMap { $0.isEmpty ? nil : $0 }
        state = try parameters["status"].flatMap { text in
            guard !text.isEmpty else { return nil }
            guard let state = TaskState(rawValue: text) else {
                throw HTTPError(
                    invalid: "status", "must be one of " + TaskState.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return state
        }
        limit = 50
        if let text = parameters["limit"], !text.isEmpty {
            guard let value = Int(text), (1...200).contains(value) else {
                throw HTTPError(invalid: "limit", "must be a whole number from 1 to 200")
            }
            limit = value
        }
        if let text = parameters["cursor"], !text.isEmpty {
            guard let value = Int64(text), value > 0 else {
                throw HTTPError(invalid: "cursor", "must be the next_cursor of an earlier answer")
            }
            cursor = value
        }
    }
}

extension HTTPError {
    /// An error 422 for one invalid parameter.
    package init(invalid parameter: String, _ message: String) {
        self.init(
            .unprocessableContent, type: "invalid-request", message: "\(parameter) \(message)",
            fields: [FieldError(field: parameter, message: message)])
    }
}
