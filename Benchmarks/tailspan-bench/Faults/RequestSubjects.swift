import Contracts
import Encoding
import EventLoop
import FaultHooks
import FaultKinds
import FaultRules
import Glibc
import HTTP
import LogOutput
import Logging
import OTelSDK
import Prometheus
import SQLite
import ServiceKit
import TraceContext
import Vocabulary

/// Something that answers requests.
struct RequestSubject {
    let responder: any HTTPResponder
    let request: Request
    let logger: Logger
    let loop: EventLoop

    /// The same over a socket, from a client on the same loop.
    func live() async throws -> LiveSubject {
        var configuration = HTTPServer.Configuration()
        configuration.port = 0
        let server = HTTPServer(configuration: configuration, responder: responder, eventLoop: loop, logger: logger)
        try await server.start()
        return LiveSubject(server: server, client: HTTPClient(eventLoop: loop), request: request)
    }

    func run(_ count: Int) async throws {
        for _ in 0..<count {
            let context = RequestContext(logger: logger, eventLoop: loop)
            let response = try await responder.respond(to: request, context: context)
            context.completion.complete(
                ResponseCompletion.Outcome(written: true, status: response.status, bodySize: response.body.count))
        }
    }
}

/// Something that answers requests over a socket.
struct LiveSubject {
    let server: HTTPServer
    let client: HTTPClient
    let request: Request

    func run(_ count: Int) async throws {
        let request = HTTPClient.Request(
            method: request.method, url: "http://127.0.0.1:\(server.port)" + request.uri, headers: request.headers,
            body: request.body)
        for _ in 0..<count { _ = try await client.execute(request) }
    }

    func close() async {
        await client.shutdown()
        await server.shutdown()
    }
}

/// A route behind the middleware that every service has, with its span, its log line and its metric, but without
/// business code, so that the difference to be measured is not lost in it.
struct RequestSubjects {
    private let loop: EventLoop
    private let output: LogOutput

    init(loop: EventLoop) throws {
        self.loop = loop
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard null >= 0 else { throw SystemError(call: "open /dev/null", code: errno) }
        output = LogOutput(
            configuration: LogConfiguration(),
            identity: LogIdentity(service: "gateway", version: "1.0.0", environment: "demo", region: "local"),
            eventLoop: loop, descriptor: null)
    }

    func without() -> RequestSubject {
        subject { _ in
            (nil, [])
        } hooks: { _ in
            nil
        }
    }

    /// - Parameters:
    ///   - isOpen: whether requests may bring rules, which none does.
    ///   - journal: how many requests the journal keeps.
    func idle(isOpen: Bool = false, journal capacity: Int = 0) -> RequestSubject {
        subject(isOpen: isOpen) { injector in
            let consider = FaultIngress.preparation(injector)
            let ingress: [any MiddlewareProtocol] = isOpen ? [FaultIngress(injector: injector)] : []
            let middleware = ingress + [FaultMiddleware(injector: injector)]
            guard capacity > 0 else { return (consider, middleware) }
            let journal = RequestJournal(capacity: capacity, injector: injector, clock: .system)
            return (
                { request, context, span, current in
                    consider(request, context, span, &current)
                    journal.follow(request, context, current)
                }, middleware
            )
        } hooks: { injector in
            ServiceInterceptors(faults: injector, eventLoop: loop)
        }
    }

    private func subject(
        isOpen: Bool = false,
        _ parts: (FaultInjector) -> (ObservabilityMiddleware.Preparation?, [any MiddlewareProtocol]),
        hooks: (FaultInjector) -> ServiceInterceptors?
    ) -> RequestSubject {
        let metrics = PrometheusMetricsFactory()
        let logger = Logger(label: "bench", handler: output.handler(level: .info))
        var configuration = FaultInjector.Configuration(service: .gateway)
        configuration.acceptsFromRequests = isOpen
        let injector = FaultInjector(
            configuration: configuration, ledger: FaultLedger(path: nil) { _ in },
            logger: logger, metrics: metrics)
        let (prepare, middleware) = parts(injector)
        let interceptors = hooks(injector)
        let handler: any LogHandler =
            interceptors == nil
            ? output.handler(level: .info)
            : FaultyLogHandler(
                output, level: .info,
                service: ServiceWideFaults(injector: injector, clock: ClockOffset(), logFile: ReplaceableFileWrite()))
        let random = SplitMix64(seed: 1)
        let router = Router()
        router.add(
            middleware: ObservabilityMiddleware(
                tracer: OTelTracer(
                    processor: Nowhere(), sampler: AlwaysOnSampler(), propagator: TraceContextPropagator(),
                    metrics: metrics),
                metrics: metrics, quietRoutes: [], randomUInt64: { random.next() }, prepare: prepare))
        for middleware in middleware { router.add(middleware: middleware) }
        router.post("/v1/tasks") { _, _ in
            // As many statements as a task executes in one service.
            for _ in 0..<4 { try interceptors?.statements?.willExecute("INSERT tasks") }
            var call = HTTPClient.Request(url: "http://127.0.0.1/v1/executions")
            _ = interceptors?.upstream?.policy(forCallsTo: "executor")
            interceptors?.upstream?.willSend(&call, to: "executor")
            return Response(status: .created, headers: ["content-type": "application/json"], body: Self.body)
        }
        return RequestSubject(
            responder: router.buildResponder(),
            request: Request(
                method: .post, uri: "/v1/tasks",
                headers: [
                    "content-type": "application/json", "idempotency-key": "load-1",
                    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
                ], body: Self.body, remoteAddress: "127.0.0.1"),
            logger: Logger(label: "bench", handler: handler), loop: loop)
    }

    private static let body = Array(
        #"{"guild_id":"g-7","amount":25,"workload":{"kind":"sha256","size":2000}}"#.utf8)
}

/// Discards spans.
private struct Nowhere: SpanProcessor {
    func onEnd(_ span: SpanData) {}
    func forceFlush() async {}
    func shutdown() async {}
}
