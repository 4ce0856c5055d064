/// Wraps the handling of requests; the first added is the outermost. The route is known when a middleware runs.
public protocol MiddlewareProtocol: Sendable {
    /// Handles `request`, usually by calling `next`.
    func handle(
        _ request: Request, context: RequestContext,
        next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response
    /// Whether ``handle(_:context:next:)`` has anything to do for `request`. If not it is passed over, which costs less
    /// than to have it call `next`.
    func isNeeded(for request: Request) -> Bool
}

extension MiddlewareProtocol {
    /// Always.
    public func isNeeded(for request: Request) -> Bool { true }
}
