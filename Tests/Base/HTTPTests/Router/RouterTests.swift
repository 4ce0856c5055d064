import HTTP
import Logging
import Testing

@Suite("The router")
struct RouterTests {
    private static let responder: any HTTPResponder = {
        let router = Router()
        for (method, path) in [
            (HTTPMethod.get, "/v1/tasks"), (.post, "/v1/tasks"), (.get, "/v1/tasks/{id}"), (.delete, "/v1/tasks/{id}"),
            (.get, "/v1/tasks/stats"), (.get, "/v1/tasks/{id}/events/{event}"), (.put, "/only-put"), (.get, "/"),
            (.head, "/own-head"), (.get, "/own-head"),
        ] {
            router.on(path, method: method) { _, context in
                let parameters = ["id", "event"].compactMap { name in context.parameters[name].map { "\(name)=\($0)" } }
                return .text(([method.rawValue, context.endpointPath ?? "-"] + parameters).joined(separator: " "))
            }
        }
        return router.buildResponder()
    }()

    private static func answer(_ method: HTTPMethod, _ uri: String) async throws -> String {
        let response = try await responder.respond(
            to: Request(method: method, uri: uri), context: RequestContext(logger: .noOp))
        return String(decoding: response.body, as: UTF8.self)
    }

    @Test(arguments: [
        (HTTPMethod.get, "/v1/tasks", "GET /v1/tasks"),
        (.post, "/v1/tasks?mode=async", "POST /v1/tasks"),
        (.get, "/v1/tasks/stats", "GET /v1/tasks/stats"),
        (.get, "/v1/tasks/t-1", "GET /v1/tasks/{id} id=t-1"),
        (.delete, "/v1/tasks/stats", "DELETE /v1/tasks/{id} id=stats"),
        (.get, "/v1/tasks/a%2Fb%20c+d", "GET /v1/tasks/{id} id=a/b c+d"),
        (.get, "/v1/tasks/%zz", "GET /v1/tasks/{id} id=%zz"),
        (.get, "/v1/tasks/%C3%A9/events/2", "GET /v1/tasks/{id}/events/{event} id=é event=2"),
        (.head, "/v1/tasks/t-1", "GET /v1/tasks/{id} id=t-1"),
        (.head, "/own-head", "HEAD /own-head"),
        (.get, "/", "GET /"),
    ])
    func aRequestFindsItsRoute(method: HTTPMethod, uri: String, expected: String) async throws {
        #expect(try await Self.answer(method, uri) == expected)
    }

    @Test(arguments: [
        "/v1", "/v1/tasks/", "/v1/tasks//events/2", "//v1/tasks/t-1", "/v1/tasks/t-1/", "", "/v1/tasks/t-1/events",
    ])
    func anUnknownPathIsNotFound(uri: String) async throws {
        let error = await #expect(throws: HTTPError.self) { try await Self.answer(.get, uri) }
        #expect(error?.status == .notFound)
    }

    @Test(arguments: [
        (HTTPMethod.put, "/v1/tasks", "GET, HEAD, POST"), (.post, "/v1/tasks/t-1", "DELETE, GET, HEAD"),
        (.get, "/only-put", "PUT"), (.put, "/v1/tasks/stats", "DELETE, GET, HEAD"),
    ])
    func aRefusedMethodNamesTheAllowedOnes(method: HTTPMethod, uri: String, allowed: String) async throws {
        let error = await #expect(throws: HTTPError.self) { try await Self.answer(method, uri) }
        #expect(error?.status == .methodNotAllowed)
        #expect(error?.headers["allow"] == allowed)
    }

    @Test func aBodyOverTheLimitIsRefusedInsideTheMiddleware() async throws {
        let router = Router()
        let seen = Recorder()
        router.add(middleware: seen).post("/a/{b}") { _, _ in .text("not reached") }
        let error = await #expect(throws: HTTPError.self) {
            try await router.buildResponder().respond(
                to: Request(method: .post, uri: "/a/1", bodyExceededLimit: true), context: RequestContext(logger: .noOp)
            )
        }
        #expect(error?.status == .contentTooLarge)
        #expect(seen.entries == ["in /a/{b}", "out Content Too Large"])
    }

    @Test func middlewareRunsFromTheOutsideInAndKnowsTheRoute() async throws {
        let router = Router()
        let seen = Recorder()
        router.add(middleware: Named("a", seen)).add(middleware: Named("b", seen))
        router.get("/x/{y}") { _, context in
            seen.add("handler")
            return .text(context.id)
        }
        let responder = router.buildResponder()
        let response = try await responder.respond(to: Request(uri: "/x/1"), context: RequestContext(logger: .noOp))
        #expect(seen.entries == ["a /x/{y}", "b /x/{y}", "handler", "/b", "/a"])
        #expect(response.body == Array("ab".utf8))
        await #expect(throws: HTTPError.self) {
            try await responder.respond(to: Request(uri: "/nothing"), context: RequestContext(logger: .noOp))
        }
        #expect(seen.entries.suffix(2) == ["a -", "b -"])
        #expect(router.table == ["GET /x/{y}"])
    }

    /// Notes its name and the route; adds its name to the context's id.
    struct Named: MiddlewareProtocol {
        let name: String
        let seen: Recorder
        init(_ name: String, _ seen: Recorder) {
            self.name = name
            self.seen = seen
        }
        func handle(
            _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
        ) async throws -> Response {
            seen.add("\(name) \(context.endpointPath ?? "-")")
            var context = context
            context.id += name
            let response = try await next(request, context)
            seen.add("/\(name)")
            return response
        }
    }
}
