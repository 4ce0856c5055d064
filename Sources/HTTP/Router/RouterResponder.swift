/// Finds the route first, so that every middleware knows its template, then runs the middleware around the handler.
struct RouterResponder: HTTPResponder {
    private let literals: [String: [Route]]
    private let templates: [Route]
    private let middlewares: [any MiddlewareProtocol]

    init(routes: [Route], middlewares: [any MiddlewareProtocol]) {
        let literal = routes.filter { !$0.template.contains("{") }
        literals = Dictionary(grouping: literal, by: \.template)
        templates = routes.filter { $0.template.contains("{") }
        self.middlewares = middlewares
    }

    func respond(to request: Request, context: RequestContext) async throws -> Response {
        var context = context
        let handler: Router.Handler
        switch find(request) {
        case .found(let route, let parameters):
            context.endpointPath = route.template
            context.parameters = parameters
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

    private func run(_ index: Int, _ request: Request, _ context: RequestContext, _ handler: Router.Handler)
        async throws -> Response
    {
        guard index < middlewares.count else {
            if request.bodyExceededLimit {
                throw HTTPError(.contentTooLarge, message: "the request body is larger than this service accepts")
            }
            return try await handler(request, context)
        }
        return try await middlewares[index].handle(request, context: context) { request, context in
            try await run(index + 1, request, context, handler)
        }
    }

    private enum Outcome {
        case found(Route, Parameters)
        case methodNotAllowed(String, allowed: String)
        case notFound
    }

    private func find(_ request: Request) -> Outcome {
        var others: [Route] = []
        if let routes = literals[request.path] {
            if let route = routes.first(where: { $0.method == request.method }) { return .found(route, Parameters()) }
            others = routes
        } else if !templates.isEmpty {
            let path = request.path[...].utf8.split(separator: UInt8(ascii: "/"))
            for route in templates {
                guard let parameters = route.match(path) else { continue }
                if route.method == request.method { return .found(route, parameters) }
                others.append(route)
            }
        }
        guard let first = others.first else { return .notFound }
        return .methodNotAllowed(first.template, allowed: others.map(\.method.rawValue).sorted().joined(separator: ", "))
    }
}
