import Configuration
import Encoding
import EventLoop
import FaultControl
import FaultKinds
import FaultRules
import FileSystem
import Glibc
import HTTP
import Logging
import Metrics
import ServiceTesting
import Synchronization
import Vocabulary

@testable import ConsoleControl

/// The acting part of a console in memory, beside four services of which only the control APIs are real.
final class ControlBench: Sendable {
    /// The repository's top folder.
    static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    let control: ConsoleControl
    let injectors: [ServiceRole: FaultInjector]
    /// The gateway, which also takes tasks.
    let gateway: FakeUpstream
    /// Loki and Tempo.
    let stores: FakeUpstream
    /// The routes, as `METHOD template`.
    let routes: [String]
    private let responder: any HTTPResponder
    private let services: [ServiceRole: FakeUpstream]
    private let upstreams: Mutex<[FakeUpstream]>
    private let loop: EventLoop
    private let client: HTTPClient

    /// Answers a request; `nil` for 404.
    typealias Answer = @Sendable (Request) async throws -> Response?
    /// Answers a request to a service's control API in its place; `nil` to let it answer itself.
    typealias Interference = @Sendable (ServiceRole, Request) async throws -> Response?

    private init(
        folder: String, incidents: String, workshop: String, variables: [String: String], seed: UInt64,
        gateway: @escaping Answer, stores: @escaping Answer, admin interfere: @escaping Interference
    ) async throws {
        loop = try EventLoop(name: "console")
        try loop.start()
        var injectors: [ServiceRole: FaultInjector] = [:]
        var upstreams: [ServiceRole: FakeUpstream] = [:]
        for role in ServiceRole.allCases {
            var configuration = FaultInjector.Configuration(service: role)
            configuration.seed = seed
            configuration.acceptsFromRequests = true
            let injector = FaultInjector(
                configuration: configuration, ledger: FaultLedger(path: nil) { _ in }, logger: .noOp,
                metrics: NOOPMetricsHandler())
            let router = Router()
            FaultRoutes(injector: injector, access: AdminAccess(token: nil)).add(to: router)
            let admin = router.buildResponder()
            injectors[role] = injector
            upstreams[role] = try await FakeUpstream { request in
                guard !request.path.hasPrefix("/admin/") else {
                    if let answer = try await interfere(role, request) { return answer }
                    return try await admin.respond(to: request, context: RequestContext(logger: .noOp))
                }
                return role == .gateway ? try await gateway(request) : nil
            }
        }
        let store = try await FakeUpstream(stores)
        guard let edge = upstreams[.gateway] else { preconditionFailure("there is a gateway") }
        self.injectors = injectors
        self.gateway = edge
        self.stores = store
        services = upstreams
        self.upstreams = Mutex(Array(upstreams.values) + [store])
        client = HTTPClient(eventLoop: loop)
        control = ConsoleControl(
            ConsoleControl.Configuration(
                services: upstreams.mapValues(\.url), incidents: incidents, workshop: workshop,
                runs: folder + "/runs", data: folder, environment: Environment(variables)),
            stores: { ConsoleControl.Stores(loki: store.url, tempo: store.url, otlp: store.url, console: store.url) },
            client: client,
            eventLoop: loop, logger: .noOp)
        let router = Router()
        control.addRoutes(to: router)
        routes = router.table
        responder = router.buildResponder()
    }

    /// Runs `body`, and stops everything whatever happens.
    /// - Parameters:
    ///   - folder: where state is kept; one of its own if not given.
    ///   - gateway: answers what is no control API.
    ///   - stores: answers the requests to Loki and Tempo.
    ///   - admin: answers in the place of control APIs.
    static func run(
        folder: String? = nil, incidents: String = root + "/incidents", workshop: String = root + "/docs/workshop",
        variables: [String: String] = [:], seed: UInt64 = 0, gateway: @escaping Answer = { _ in nil },
        stores: @escaping Answer = { _ in nil }, admin: @escaping Interference = { _, _ in nil },
        _ body: (ControlBench) async throws -> Void
    ) async throws {
        let own = "/tmp/tailspan-control-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let place = folder ?? own
        try Files.makeFolder(place)
        let bench = try await ControlBench(
            folder: place, incidents: incidents, workshop: workshop, variables: variables, seed: seed,
            gateway: gateway, stores: stores, admin: admin)
        let result: Result<Void, any Error>
        do { result = .success(try await body(bench)) } catch { result = .failure(error) }
        await bench.stop()
        if folder == nil { try Files.remove(own) }
        try result.get()
    }

    private func stop() async {
        await Task(executorPreference: loop) { [control, client] in
            await control.shutdown()
            await client.shutdown()
        }.value
        for upstream in upstreams.withLock({ $0 }) { await upstream.stop() }
        loop.stop()
    }

    func url(of role: ServiceRole) -> String { services[role]?.url ?? "" }

    /// Ends a service: nothing answers at its address any more.
    func end(_ role: ServiceRole) async {
        guard let service = services[role] else { return }
        upstreams.withLock { $0.removeAll { $0 === service } }
        await service.stop()
    }

    // MARK: Requests

    /// Sends a request as a program on this machine would; errors are rendered as the server renders them.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: String = "", headers: HTTPFields? = nil
    ) async throws -> Response {
        try await begin(method, path, body, headers: headers).value
    }

    /// Begins to send a request. Cancelling the task is what the server does when the client goes away.
    func begin(
        _ method: HTTPMethod, _ path: String, _ body: String = "", headers: HTTPFields? = nil
    ) -> Task<Response, any Error> {
        let request = Request(
            method: method, uri: ConsoleControl.prefix + path,
            headers: headers ?? ["content-type": "application/json", "host": "127.0.0.1:3000"],
            body: Array(body.utf8), remoteAddress: "127.0.0.1")
        return Task(executorPreference: loop) { [responder] in
            do {
                return try await responder.respond(to: request, context: RequestContext(logger: .noOp))
            } catch let error as HTTPError {
                return error.response(instance: request.path)
            }
        }
    }

    func get(_ path: String) async throws -> JSONValue { try JSONValue(parsing: try await send(.get, path).body) }

    func post(_ path: String, _ body: String = "{}") async throws -> JSONValue {
        try JSONValue(parsing: try await send(.post, path, body).body)
    }

    /// The rules that are set in a service.
    func rules(of role: ServiceRole) -> [String] { injectors[role]?.entries.map(\.rule.description) ?? [] }
}

extension Response {
    /// The problem's type, without its prefix.
    var problem: String? { ProblemDetails(body).type }
}
