/// Maps methods and path templates to handlers, behind a stack of middleware. Built once at startup, then read-only.
///
///     let router = Router()
///     router.get("/v1/tasks/{id}") { request, context in … }
///     let responder = router.buildResponder()
public final class Router {
    /// Answers one request.
    public typealias Handler = @Sendable (Request, RequestContext) async throws -> Response

    private var routes: [Route] = []
    private var middlewares: [any MiddlewareProtocol] = []

    /// Creates an empty router.
    public init() {}

    /// Adds a middleware inside those added before. It also runs for requests without a matching route.
    @discardableResult
    public func add(middleware: any MiddlewareProtocol) -> Self {
        middlewares.append(middleware)
        return self
    }

    /// Adds a route. A segment of `path` in braces, `{id}`, is a parameter that matches any non-empty text. Paths
    /// without parameters take precedence; among paths with parameters, the first one added wins. A route for GET also
    /// answers HEAD.
    @discardableResult
    public func on(_ path: String, method: HTTPMethod, use handler: @escaping Handler) -> Self {
        routes.append(Route(method: method, template: path, handler: handler))
        return self
    }

    /// Adds a route for GET.
    @discardableResult
    public func get(_ path: String, use handler: @escaping Handler) -> Self { on(path, method: .get, use: handler) }
    /// Adds a route for POST.
    @discardableResult
    public func post(_ path: String, use handler: @escaping Handler) -> Self { on(path, method: .post, use: handler) }
    /// Adds a route for PUT.
    @discardableResult
    public func put(_ path: String, use handler: @escaping Handler) -> Self { on(path, method: .put, use: handler) }
    /// Adds a route for DELETE.
    @discardableResult
    public func delete(_ path: String, use handler: @escaping Handler) -> Self {
        on(path, method: .delete, use: handler)
    }

    /// The routes as `METHOD template`, in the order they were added.
    public var table: [String] { routes.map { "\($0.method) \($0.template)" } }

    /// Freezes the routes and the middleware.
    public func buildResponder() -> any HTTPResponder { RouterResponder(routes: routes, middlewares: middlewares) }
}
