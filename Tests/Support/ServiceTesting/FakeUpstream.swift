import EventLoop
import HTTP
import Logging
import Synchronization

/// A server in place of a service's upstream: gives prepared answers and records the requests.
package final class FakeUpstream: Sendable {
    /// Answers a request; `nil` for 404.
    package typealias Answer = @Sendable (Request) async throws -> Response?

    private struct Responder: HTTPResponder {
        let answer: Answer
        let seen: Seen

        func respond(to request: Request, context: RequestContext) async throws -> Response {
            seen.requests.withLock { $0.append(request) }
            return try await answer(request) ?? Response(status: .notFound)
        }
    }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private let server: HTTPServer
    private let loop: EventLoop
    private let seen: Seen

    package init(_ answer: @escaping Answer) async throws {
        loop = try EventLoop(name: "upstream")
        try loop.start()
        seen = Seen()
        server = HTTPServer(
            configuration: HTTPServer.Configuration(), responder: Responder(answer: answer, seen: seen),
            eventLoop: loop, logger: .noOp)
        try await server.start()
    }

    package var url: String { "http://127.0.0.1:\(server.port)" }

    /// The requests so far, as `METHOD path`.
    package var asked: [String] { requests.map { "\($0.method) \($0.path)" } }

    package var requests: [Request] { seen.requests.withLock { $0 } }

    package func stop() async {
        await server.shutdown()
        loop.stop()
    }
}
