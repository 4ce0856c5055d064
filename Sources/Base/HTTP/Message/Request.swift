/// A request as a handler sees it: header fields and the complete body, whose size the server limits.
public struct Request: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// The path, percent-encoded as it was sent, without the query.
    public var path: String
    /// The query without its `?`; `nil` if there is none.
    public var query: String?
    /// The header fields.
    public var headers: HTTPFields
    /// The body.
    public var body: [UInt8]
    /// Whether the body exceeded the server's limit. In that case ``body`` is empty and the router answers 413.
    public var bodyExceededLimit: Bool
    /// The peer's address, such as `127.0.0.1`; `nil` in memory and over a Unix-domain socket.
    public var remoteAddress: String?
    /// Whether the request came over a Unix-domain socket, which has no port.
    public var cameOverUnixSocket = false
    /// The HTTP version of the request, such as `1.1`.
    public var protocolVersion: String = "1.1"

    /// Creates a request. `uri` is a path with an optional query.
    public init(
        method: HTTPMethod = .get, uri: String, headers: HTTPFields = [:], body: [UInt8] = [],
        bodyExceededLimit: Bool = false, remoteAddress: String? = nil
    ) {
        self.method = method
        let split = uri.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = split.map { String(uri[..<$0]) } ?? uri
        query = split.map { String(uri[uri.utf8.index(after: $0)...]) }
        self.headers = headers
        self.body = body
        self.bodyExceededLimit = bodyExceededLimit
        self.remoteAddress = remoteAddress
    }

    /// The path and the query.
    public var uri: String { query.map { path + "?" + $0 } ?? path }

    /// The decoded query parameters, in order (`application/x-www-form-urlencoded`).
    public var queryParameters: QueryParameters { QueryParameters(query: query ?? "") }
}
