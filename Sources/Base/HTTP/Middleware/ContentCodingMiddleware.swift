import Vocabulary

/// Answers 415 to a request with an encoded body, such as gzip, and names the encoding. No encoding is supported (RFC
/// 9110, sections 8.4 and 15.5.16).
public struct ContentCodingMiddleware: MiddlewareProtocol {
    /// Creates the middleware.
    public init() {}

    /// Whether the header is present.
    public func isNeeded(for request: Request) -> Bool { request.headers[Header.contentEncoding] != nil }

    /// Passes on requests without a body or with an unencoded body.
    public func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        let codings = Self.codings(request.headers[Header.contentEncoding] ?? "")
        let hasBody = !request.body.isEmpty || request.bodyExceededLimit
        guard hasBody, !codings.isEmpty else { return try await next(request, context) }
        let named = codings.joined(separator: ", ")
        // Anything that cannot be the name of a coding is not repeated in the message.
        let isName = named.utf8.count <= 64 && named.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        throw HTTPError(
            .unsupportedMediaType, type: "unsupported-content-encoding",
            message: "the body's Content-Encoding is \(isName ? named : "not one that is known"); send it without any",
            headers: [Header.acceptEncoding: "identity"])
    }

    /// The codings in the header, except `identity`.
    private static func codings(_ value: String) -> [Substring] {
        value.split { $0 == "," || $0 == " " || $0 == "\t" }.filter { $0.lowercased() != "identity" }
    }
}
