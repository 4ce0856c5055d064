import Encoding
import Vocabulary

/// An error with its own HTTP response: thrown by a handler, rendered as `application/problem+json` (RFC 9457).
public struct HTTPError: StackTraceError, Sendable, CustomStringConvertible {
    /// An error in one member of a request.
    public struct FieldError: Sendable, Equatable {
        /// A JSON pointer into the body (`/workload/size`), or the name of a parameter.
        public var field: String
        /// What was expected.
        public var message: String
        /// Creates a field error.
        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// The status of the response.
    public var status: HTTPStatus
    /// The problem's type, a short name such as `unknown-guild`; `nil` for `about:blank`.
    public var type: String?
    /// What went wrong, for a human reader.
    public var message: String
    /// The members that were wrong.
    public var fields: [FieldError]
    /// Additional header fields of the response, such as `retry-after`.
    public var headers: HTTPFields
    /// Only recorded for server errors; a caller's mistake has no origin in our code.
    private let stack: StackTrace?

    /// Creates an error.
    public init(
        _ status: HTTPStatus, type: String? = nil, message: String = "", fields: [FieldError] = [],
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.type = type
        self.message = message
        self.fields = fields
        self.headers = headers
        stack = status.isServerError ? StackTrace() : nil
    }

    /// Where an error with a 5xx status was created; empty for any other.
    public var stackTrace: String { stack?.text ?? "" }

    /// The status and the message.
    public var description: String { message.isEmpty ? status.description : "\(status): \(message)" }

    /// Renders the error as `application/problem+json`.
    /// - Parameters:
    ///   - instance: the requested path.
    ///   - extensions: additional members, such as `trace_id`.
    public func response(instance: String, extensions: [(String, String)] = []) -> Response {
        var json = JSONWriter()
        json.object {
            $0.member("type", type.map { "urn:tailspan:problem:" + $0 } ?? "about:blank")
            $0.member("title", status.reasonPhrase)
            $0.member("status", status.code)
            if !message.isEmpty { $0.member("detail", message) }
            $0.member("instance", instance)
            if !fields.isEmpty {
                $0.name("errors")
                $0.array {
                    for field in fields {
                        $0.object {
                            $0.member("field", field.field)
                            $0.member("message", field.message)
                        }
                    }
                }
            }
            for (name, value) in extensions { $0.member(name, value) }
        }
        var headers = headers
        headers[Header.contentType] = "application/problem+json"
        return Response(status: status, headers: headers, body: json.bytes)
    }
}
