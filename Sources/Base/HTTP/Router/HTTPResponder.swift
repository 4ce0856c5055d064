/// Answers requests: a router, or a router behind middleware.
public protocol HTTPResponder: Sendable {
    /// Answers `request`. An ``HTTPError`` thrown is rendered by the server, any other error as 500.
    func respond(to request: Request, context: RequestContext) async throws -> Response
}
