import EventLoop
import HTTP
import Logging
import ServiceTesting

/// A server whose lines and counters a test can read.
struct WatchedServer {
    let loop: EventLoop
    let server: HTTPServer
    let logs: InMemoryLogHandler
    let refusals: Refusals

    static func run(
        _ change: (inout HTTPServer.Configuration) -> Void = { _ in }, routes: (Router) -> Void = { _ in },
        _ body: (WatchedServer) async throws -> Void
    ) async throws {
        var configuration = HTTPServer.Configuration()
        change(&configuration)
        let router = Router()
        router.get("/hello") { _, _ in .text("hello") }
        router.post("/echo") { request, _ in Response(body: request.body) }
        routes(router)
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let (logs, refusals) = (InMemoryLogHandler(), Refusals())
        let watched = WatchedServer(
            loop: loop,
            server: HTTPServer(
                configuration: configuration, responder: router.buildResponder(), eventLoop: loop,
                logger: Logger(label: "test", handler: logs), metrics: refusals),
            logs: logs, refusals: refusals)
        try await watched.server.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(watched)) } catch { result = .failure(error) }
        await watched.server.shutdown()
        try result.get()
    }

    func connect() throws -> RawConnection { try RawConnection(port: server.port) }

    /// The lines about refused requests.
    var lines: [InMemoryLogHandler.Entry] { logs.entries.filter { $0.message == "request refused" } }
}
