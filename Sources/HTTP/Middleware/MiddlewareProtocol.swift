/// Wraps the handling of requests; the first added is the outermost. The route is known when a middleware runs.
public protocol MiddlewareProtocol: Sendable {
    /// Handles `request`, usually by calling `next`.
    func handle(
        _ request: Request, context: RequestContext,
        next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response
}
