import Contracts
import Encoding
import EventLoop
import HTTP
import Logging
import OTelSDK
import ServiceKit
import ServiceLifecycle
import Vocabulary

/// A service under test, in memory or over a socket, with its spans and lines recorded:
///
///     let app = try TestApplication(PaymentsService.self)
///     try await app.test(.router) { client in
///         let response = try await client.execute(uri: "/v1/integrity")
///         #expect(response.status == .ok)
///     }
package final class TestApplication: Sendable {
    /// How requests reach the service.
    package enum Mode: Sendable {
        /// Directly to the router, without a socket.
        case router
        /// Over a socket, as in production.
        case live
    }

    package let spans = InMemorySpanExporter()
    package let logs: InMemoryLogHandler
    package let clock: WallClock
    private let type: any ServiceDefinition.Type
    private let environment: [String: String]

    /// - Parameters:
    ///   - environment: the service's settings; by default it gets a free port and a database in memory.
    ///   - logs: records the lines; several applications may share one.
    package init(
        _ type: any ServiceDefinition.Type, environment: [String: String] = [:], clock: WallClock = .system,
        logs: InMemoryLogHandler = InMemoryLogHandler()
    ) {
        self.type = type
        self.environment = ["PORT": "0"].merging(environment) { $1 }
        self.clock = clock
        self.logs = logs
    }

    /// Runs `body` against the service, then stops it gracefully and waits for its last span.
    package func test<T: Sendable>(
        _ mode: Mode, _ body: @escaping @Sendable (TestClient) async throws -> T
    ) async throws -> T {
        let loop = try EventLoop(name: type.role.rawValue)
        try loop.start()
        defer { loop.stop() }
        let work = Task(executorPreference: loop) {
            let instance = try await self.makeInstance(on: loop)
            switch mode {
            case .router:
                let result = await Task {
                    try await body(TestClient(responder: instance.responder, logger: instance.telemetry.logger))
                }.result
                await instance.close()
                return try result.get()
            case .live:
                return try await Self.live(instance, loop, body)
            }
        }
        return try await work.value
    }

    package func makeInstance(on loop: EventLoop) async throws -> ServiceInstance {
        try await ServiceInstance(
            type, configuration: ServiceConfiguration(role: type.role, environment: environment), eventLoop: loop,
            clock: clock, overrides: Telemetry.Overrides(spanProcessor: spans, logHandler: logs))
    }

    private static func live<T: Sendable>(
        _ instance: ServiceInstance, _ loop: EventLoop, _ body: @escaping @Sendable (TestClient) async throws -> T
    ) async throws -> T {
        try await instance.start()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [instance], gracefulShutdownSignals: []))
        let serving = Task(executorPreference: loop) { try await group.run() }
        let client = HTTPClient(eventLoop: loop)
        let result = await Task(executorPreference: loop) {
            try await body(TestClient(client: client, baseURL: "http://127.0.0.1:\(instance.port)"))
        }.result
        await client.shutdown()
        await group.triggerGracefulShutdown()
        try await serving.value
        return try result.get()
    }
}

/// Sends requests to the service under test.
package struct TestClient: Sendable {
    private enum Target: Sendable {
        case responder(any HTTPResponder, Logger)
        case socket(HTTPClient, baseURL: String)
    }

    private let target: Target

    init(responder: any HTTPResponder, logger: Logger) { target = .responder(responder, logger) }
    init(client: HTTPClient, baseURL: String) { target = .socket(client, baseURL: baseURL) }

    /// The URL that the service listens on; `nil` in memory.
    package var baseURL: String? { if case .socket(_, let baseURL) = target { baseURL } else { nil } }

    package func execute(
        uri: String, method: HTTPMethod = .get, headers: HTTPFields = [:], body: [UInt8] = []
    ) async throws -> HTTPClient.Response {
        switch target {
        case .responder(let responder, let logger):
            let context = RequestContext(logger: logger)
            let request = Request(method: method, uri: uri, headers: headers, body: body)
            let response = try await responder.respond(to: request, context: context)
            context.completion.complete(
                ResponseCompletion.Outcome(written: true, status: response.status, bodySize: response.body.count))
            return HTTPClient.Response(status: response.status, headers: response.headers, body: response.body)
        case .socket(let client, let baseURL):
            return try await client.execute(
                HTTPClient.Request(method: method, url: baseURL + uri, headers: headers, body: body))
        }
    }

    package func execute(
        uri: String, method: HTTPMethod, headers: HTTPFields = [:], json: JSONValue
    ) async throws -> HTTPClient.Response {
        var headers = headers
        headers["content-type"] = "application/json"
        return try await execute(uri: uri, method: method, headers: headers, body: Array(json.description.utf8))
    }
}

extension HTTPClient.Response {
    package func json() throws -> JSONValue { try JSONValue(parsing: body) }
}
