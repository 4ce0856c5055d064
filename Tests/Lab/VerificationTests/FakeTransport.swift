import HTTP
import Synchronization

/// Answers from a closure and keeps what was asked.
final class FakeTransport: HTTPTransport {
    private let answer: @Sendable (HTTPClient.Request) async throws -> HTTPClient.Response
    private let log = Mutex<[HTTPClient.Request]>([])

    init(_ answer: @escaping @Sendable (HTTPClient.Request) async throws -> HTTPClient.Response) {
        self.answer = answer
    }

    var requests: [HTTPClient.Request] { log.withLock { $0 } }

    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
        log.withLock { $0.append(request) }
        return try await answer(request)
    }
}

extension HTTPClient.Response {
    init(_ status: HTTPStatus, _ body: String = "") { self.init(status: status, body: Array(body.utf8)) }
}

extension HTTPClient.Request {
    var query: QueryParameters {
        QueryParameters(query: url.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? "")
    }
}
