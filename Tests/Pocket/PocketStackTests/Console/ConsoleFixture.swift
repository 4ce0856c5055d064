import Encoding
import EventLoop
import HTTP
import Logging
import Synchronization
import Testing
import Vocabulary

@testable import PocketConsole
@testable import PocketStore
@testable import QuerySupport

/// A console over a store in memory and a Loki that answers what the test says.
final class ConsoleFixture: Sendable {
    let traces: TraceFixture
    private let responder: any HTTPResponder
    private let loki = FakeLoki()

    /// Answers every query with the same streams, and remembers what was asked.
    final class FakeLoki: HTTPResponder {
        private let answer = Mutex((status: HTTPStatus.ok, body: #"{"data":{"resultType":"streams","result":[]}}"#))
        private let queries = Mutex<[QueryParameters]>([])

        func set(_ status: HTTPStatus, _ body: String) { answer.withLock { $0 = (status, body) } }
        var asked: [QueryParameters] { queries.withLock { $0 } }

        func respond(to request: Request, context: RequestContext) async throws -> Response {
            queries.withLock { $0.append(request.queryParameters) }
            let (status, body) = answer.withLock { $0 }
            return .text(body, status: status)
        }
    }

    /// Runs `body` with a console that knows no services.
    static func run(
        services: [ServiceRole: String] = [:], budget: QueryBudget.Limits = .init(),
        _ body: (ConsoleFixture) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let client = HTTPClient(eventLoop: loop)
        let fixture = try await ConsoleFixture(client, services, budget)
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        await client.shutdown()
        loop.stop()
        try result.get()
    }

    private init(
        _ client: HTTPClient, _ services: [ServiceRole: String], _ budget: QueryBudget.Limits
    ) async throws {
        var options = PocketDatabase.Configuration()
        options.budget = budget
        traces = try await TraceFixture(
            database: try await PocketDatabase.open(
                path: ":memory:", components: [TraceStore.component], configuration: options))
        let router = Router()
        Console(traces: traces.store, loki: loki, client: client, services: services).addRoutes(to: router)
        responder = router.buildResponder()
    }

    func get(_ uri: String) async throws -> Response {
        try await responder.respond(to: Request(uri: uri), context: RequestContext(logger: .noOp))
    }

    /// The body of a page that must be there.
    func page(_ uri: String) async throws -> String {
        let response = try await get(uri)
        #expect(response.status == .ok)
        return String(decoding: response.body, as: UTF8.self)
    }

    /// What Loki was asked.
    var asked: [QueryParameters] { loki.asked }

    func lokiFails(_ message: String) { loki.set(.badRequest, message) }

    /// Lets Loki answer with one line.
    func lokiAnswers(labels: [String: String], line: String, time: UInt64 = 1_795_193_351_800_000_000) {
        var json = JSONWriter()
        json.object { json in
            json.name("data")
            json.object { json in
                json.member("resultType", "streams")
                json.name("result")
                json.array { json in
                    json.object { json in
                        json.name("stream")
                        json.object { json in
                            for (name, value) in labels.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
                        }
                        json.name("values")
                        json.array { json in
                            json.array { json in
                                json.value(String(time))
                                json.value(line)
                            }
                        }
                    }
                }
            }
        }
        loki.set(.ok, json.string)
    }
}
