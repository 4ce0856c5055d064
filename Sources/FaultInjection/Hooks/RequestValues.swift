import Contracts
import Encoding
import HTTP

/// What a request says that a rule can ask for. Read when a rule does, and then only once.
package struct RequestValues {
    private let request: Request
    private let context: RequestContext
    private var body: JSONValue?

    package init(_ request: Request, _ context: RequestContext) {
        self.request = request
        self.context = context
    }

    package mutating func value(_ key: String) -> String? {
        switch key {
        case LogField.requestID: return context.id
        case "mode": return request.queryParameters["mode"] ?? (request.method == .post ? "sync" : nil)
        case LogField.workload: return json["workload"]?["kind"]?.string
        case LogField.guildID:
            return json[key]?.string ?? request.queryParameters[key]
                ?? (isPath("/v1/guilds/{id}/balance") ? context.parameters["id"] : nil)
        case LogField.taskID:
            return json[key]?.string ?? (isPath("/v1/tasks/{id}") ? context.parameters["id"] : nil)
        default: return nil
        }
    }

    private func isPath(_ template: String) -> Bool { context.endpointPath == template }

    private var json: JSONValue {
        mutating get {
            if let body { return body }
            // A body that is no JSON has nothing to match; the handler says what is wrong with it.
            let read = request.body.isEmpty ? .null : (try? JSONValue(parsing: request.body)) ?? .null
            body = read
            return read
        }
    }
}
