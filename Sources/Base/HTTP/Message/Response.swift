import Encoding
import Vocabulary

/// The response of a handler.
public struct Response: Sendable {
    /// The status.
    public var status: HTTPStatus
    /// The header fields. The server writes `content-length`, `date` and `connection`.
    public var headers: HTTPFields
    /// The body.
    public var body: [UInt8]
    /// How the body is sent; `nil` sends it whole, as fast as the connection accepts it.
    public var stream: BodyStream?

    /// Creates a response.
    public init(status: HTTPStatus = .ok, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Creates a plain-text response.
    public static func text(_ text: String, status: HTTPStatus = .ok) -> Response {
        Response(status: status, headers: [Header.contentType: "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// Creates a JSON response, written by `body`.
    package static func json<E: Error>(
        status: HTTPStatus = .ok, _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) -> Response {
        var writer = JSONWriter()
        try body(&writer)
        return Response(status: status, headers: [Header.contentType: "application/json"], body: writer.bytes)
    }
}
