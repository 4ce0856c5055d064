/// Answers requests: a router, or a router behind middleware.
public protocol HTTPResponder: Sendable {
    /// Answers `request`. The server renders a thrown ``HTTPError`` with its status, and any other error as 500.
    func respond(to request: Request, context: RequestContext) async throws -> Response
}
