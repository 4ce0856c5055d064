/// Wraps the handling of requests. The first one added is the outermost. The route is resolved before any middleware
/// runs.
public protocol MiddlewareProtocol: Sendable {
    /// Handles `request`, usually by calling `next`.
    func handle(
        _ request: Request, context: RequestContext,
        next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response
    /// Whether ``handle(_:context:next:)`` has anything to do for `request`. If not, the middleware is skipped, which
    /// costs less than a call that only calls `next`.
    func isNeeded(for request: Request) -> Bool
}

extension MiddlewareProtocol {
    /// Always `true`.
    public func isNeeded(for request: Request) -> Bool { true }
}
