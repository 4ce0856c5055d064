/// Maps methods and path templates to handlers, behind a stack of middleware. Built once at start, then only read.
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

    /// Adds a middleware inside those added before. It also runs for requests that no route matches.
    @discardableResult
    public func add(middleware: any MiddlewareProtocol) -> Self {
        middlewares.append(middleware)
        return self
    }

    /// Adds a route. A segment of `path` in braces, `{id}`, is a parameter.
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

    /// Fixes the routes and the middleware.
    public func buildResponder() -> any HTTPResponder { RouterResponder(routes: routes, middlewares: middlewares) }
}

struct Route: Sendable {
    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    let method: HTTPMethod
    let template: String
    let segments: [Segment]
    let handler: Router.Handler

    init(method: HTTPMethod, template: String, handler: @escaping Router.Handler) {
        self.method = method
        self.template = template
        self.handler = handler
        segments = template.split(separator: "/").map {
            $0.hasPrefix("{") && $0.hasSuffix("}") ? .parameter(String($0.dropFirst().dropLast())) : .literal(String($0))
        }
    }

    /// The parameters if `path` fits the template.
    func match(_ path: [Substring.UTF8View]) -> Parameters? {
        guard path.count == segments.count else { return nil }
        var parameters = Parameters()
        for (segment, part) in zip(segments, path) {
            switch segment {
            case .literal(let literal):
                guard literal.utf8.elementsEqual(part) else { return nil }
            case .parameter(let name):
                parameters[name] = PercentEncoding.decode(part, plusIsSpace: false)
            }
        }
        return parameters
    }
}
