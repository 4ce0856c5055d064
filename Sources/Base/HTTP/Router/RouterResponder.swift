/// Resolves the route first, so that every middleware knows its template, then runs the middleware and the handler.
struct RouterResponder: HTTPResponder {
    /// Routes by path, for a scan: a service has a dozen, most differ in length, and hashing a path takes longer.
    private let literals: [(path: String, routes: [Route])]
    private let templates: [Route]
    private let middlewares: [any MiddlewareProtocol]

    init(routes: [Route], middlewares: [any MiddlewareProtocol]) {
        var literals: [(path: String, routes: [Route])] = []
        for route in routes where !route.hasParameters {
            if let index = literals.firstIndex(where: { $0.path == route.template }) {
                literals[index].routes.append(route)
            } else {
                literals.append((route.template, [route]))
            }
        }
        self.literals = literals
        templates = routes.filter(\.hasParameters)
        self.middlewares = middlewares
    }

    func respond(to request: Request, context: RequestContext) async throws -> Response {
        var context = context
        let handler: Router.Handler
        switch find(request) {
        case .found(let route, let parameters):
            context.endpointPath = route.template
            context.parameters = parameters
            if route.method == request.method { context.routeTelemetry = route.telemetry }
            handler = route.handler
        case .methodNotAllowed(let template, let allowed):
            context.endpointPath = template
            handler = { _, _ in
                throw HTTPError(
                    .methodNotAllowed, message: "\(request.method) is not allowed here", headers: ["allow": allowed])
            }
        case .notFound:
            handler = { request, _ in throw HTTPError(.notFound, message: "no such resource: \(request.path)") }
        }
        return try await run(0, request, context, handler)
    }

    private func run(
        _ index: Int, _ request: Request, _ context: RequestContext, _ handler: Router.Handler
    )
        async throws -> Response
    {
        var index = index
        while index < middlewares.count, !middlewares[index].isNeeded(for: request) { index += 1 }
        guard index < middlewares.count else {
            if request.bodyExceededLimit {
                throw HTTPError(.contentTooLarge, message: "the request body is larger than this service accepts")
            }
            return try await handler(request, context)
        }
        let next = index + 1
        return try await middlewares[index].handle(request, context: context) { request, context in
            try await run(next, request, context, handler)
        }
    }

    private enum Outcome {
        case found(Route, Parameters)
        case methodNotAllowed(String, allowed: String)
        case notFound
    }

    private func find(_ request: Request) -> Outcome {
        var match = Match(method: request.method)
        let length = request.path.utf8.count
        for index in literals.indices
        where literals[index].path.utf8.count == length && literals[index].path == request.path {
            for route in literals[index].routes { if match.take(route, Parameters()) { break } }
            break
        }
        if match.found == nil, !templates.isEmpty {
            var path = request.path
            path.withUTF8 { bytes in
                for route in templates {
                    if let parameters = route.match(bytes), match.take(route, parameters) { break }
                }
            }
        }
        return match.outcome
    }

    /// Collects the routes of a path. A route with the request's method wins; GET also serves HEAD (RFC 9110, section
    /// 9.1).
    private struct Match {
        let method: HTTPMethod
        private(set) var found: (Route, Parameters)?
        private var forHead: (Route, Parameters)?
        private var template: String?
        private var methods: Set<HTTPMethod> = []

        init(method: HTTPMethod) { self.method = method }

        /// Returns whether the search is over.
        mutating func take(_ route: Route, _ parameters: Parameters) -> Bool {
            if route.method == method {
                found = (route, parameters)
                return true
            }
            if route.method == .get, method == .head, forHead == nil { forHead = (route, parameters) }
            if template == nil { template = route.template }
            methods.insert(route.method)
            return false
        }

        var outcome: Outcome {
            if let (route, parameters) = found ?? forHead { return .found(route, parameters) }
            guard let template else { return .notFound }
            let allowed = methods.contains(.get) ? methods.union([.head]) : methods
            return .methodNotAllowed(template, allowed: allowed.map(\.rawValue).sorted().joined(separator: ", "))
        }
    }
}
