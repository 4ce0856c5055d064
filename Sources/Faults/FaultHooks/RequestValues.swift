import Encoding
import HTTP
import Vocabulary

/// The values of a request that rules can match on. The body is parsed at most once, and only if a rule needs it.
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
            // A body that is not JSON matches nothing. The handler reports the error.
            let read = request.body.isEmpty ? .null : (try? JSONValue(parsing: request.body)) ?? .null
            body = read
            return read
        }
    }
}
