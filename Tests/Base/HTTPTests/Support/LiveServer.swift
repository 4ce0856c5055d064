import EventLoop
import HTTP
import Logging

/// A server on a loop of its own, and a client on the same loop.
struct LiveServer {
    let loop: EventLoop
    let server: HTTPServer
    let client: HTTPClient

    /// Starts a server on a free port, runs `body`, and stops everything.
    static func run(
        configuration: HTTPServer.Configuration = HTTPServer.Configuration(),
        client: HTTPClient.Configuration = HTTPClient.Configuration(),
        routes: (Router) -> Void, _ body: (LiveServer) async throws -> Void
    ) async throws {
        let router = Router()
        routes(router)
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let live = LiveServer(
            loop: loop,
            server: HTTPServer(
                configuration: configuration, responder: router.buildResponder(), eventLoop: loop, logger: .noOp),
            client: HTTPClient(eventLoop: loop, configuration: client))
        try await live.server.start()
        do { try await body(live) } catch {
            await live.stop()
            throw error
        }
        await live.stop()
    }

    private func stop() async {
        await client.shutdown()
        await server.shutdown()
    }

    /// The URL of `path` on the server.
    func url(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }

    /// A request for `path` with the client.
    func get(_ path: String) async throws -> HTTPClient.Response {
        try await client.execute(HTTPClient.Request(url: url(path)))
    }
}
