import Vocabulary

/// Answers 415 to a body that is encoded, with gzip for instance, and says which encoding that was: none is understood
/// (RFC 9110, sections 8.4 and 15.5.16).
public struct ContentCodingMiddleware: MiddlewareProtocol {
    /// Creates the middleware.
    public init() {}

    /// Whether the field is there at all.
    public func isNeeded(for request: Request) -> Bool { request.headers[Header.contentEncoding] != nil }

    /// Passes on what has no body, or one that is as it is.
    public func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        let codings = Self.codings(request.headers[Header.contentEncoding] ?? "")
        let hasBody = !request.body.isEmpty || request.bodyExceededLimit
        guard hasBody, !codings.isEmpty else { return try await next(request, context) }
        let named = codings.joined(separator: ", ")
        // What cannot be a coding's name is not repeated.
        let isName = named.utf8.count <= 64 && named.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        throw HTTPError(
            .unsupportedMediaType, type: "unsupported-content-encoding",
            message: "the body's Content-Encoding is \(isName ? named : "not one that is known"); send it without any",
            headers: [Header.acceptEncoding: "identity"])
    }

    /// The names in the field's value, but for the one that means none.
    private static func codings(_ value: String) -> [Substring] {
        value.split { $0 == "," || $0 == " " || $0 == "\t" }.filter { $0.lowercased() != "identity" }
    }
}
