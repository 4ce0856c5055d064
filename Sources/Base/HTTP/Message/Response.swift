import Encoding
import Vocabulary

/// What a handler answers.
public struct Response: Sendable {
    /// The status.
    public var status: HTTPStatus
    /// The header fields. `content-length`, `date` and `connection` are the server's to write.
    public var headers: HTTPFields
    /// The body.
    public var body: [UInt8]
    /// How the body reaches the client; `nil`: whole, as fast as the connection takes it.
    public var stream: BodyStream?

    /// Creates a response.
    public init(status: HTTPStatus = .ok, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response of plain text.
    public static func text(_ text: String, status: HTTPStatus = .ok) -> Response {
        Response(status: status, headers: [Header.contentType: "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// A response of JSON, written by `body`.
    package static func json<E: Error>(
        status: HTTPStatus = .ok, _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) -> Response {
        var writer = JSONWriter()
        try body(&writer)
        return Response(status: status, headers: [Header.contentType: "application/json"], body: writer.bytes)
    }
}
