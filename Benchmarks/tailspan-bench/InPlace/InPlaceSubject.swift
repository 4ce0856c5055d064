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
import Metrics
import OTelSDK
import Prometheus
import TraceContext
import Tracing
import Vocabulary

/// Requests in memory through router, middleware and a handler that starts spans and writes lines: with everything that
/// a service has between them and the bytes that go out, or with none of it.
///
/// Lines go to `/dev/null`. Batches of spans go to an exporter whose transport answers at once.
struct InPlaceSubject {
    private let responder: any HTTPResponder
    private let request: Request
    private let logger: Logger
    private let loop: EventLoop
    private let output: LogOutput
    private let processor: BatchSpanProcessor?
    private let metrics: PrometheusMetricsFactory

    /// - Parameters:
    ///   - isOn: whether there is a tracer, a log output and a registry of metrics.
    ///   - databaseSpans: how many statements a request runs, each of which does nothing.
    ///   - internalSpans: how many operations it runs.
    ///   - lines: how many lines it writes besides the request's own.
    init(
        loop: EventLoop, isOn: Bool = true, databaseSpans: Int = 0, internalSpans: Int = 0, lines: Int = 0
    ) throws {
        self.loop = loop
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard null >= 0 else { throw SystemError(call: "open /dev/null", code: errno) }
        output = LogOutput(
            configuration: LogConfiguration(),
            identity: LogIdentity(service: "tasks", version: "1.0.0", environment: "demo", region: "local"),
            eventLoop: loop, descriptor: null)
        metrics = PrometheusMetricsFactory {
            guard let span = ServiceContext.current?.spanContext, span.isSampled else { return nil }
            return Exemplar(traceHigh: span.traceID.high, traceLow: span.traceID.low, spanID: span.spanID.value)
        }
        let random = SplitMix64(seed: 1)
        let router = Router()
        let tracer: any Tracer
        if isOn {
            let faults = FaultInjector(
                configuration: FaultInjector.Configuration(service: .tasks), ledger: FaultLedger(path: nil) { _ in },
                logger: .noOp, metrics: metrics)
            let service = ServiceWideFaults(injector: faults, clock: ClockOffset(), logFile: ReplaceableFileWrite())
            logger = Logger(label: "tasks", handler: FaultyLogHandler(output, level: .info, service: service))
            let batches = try Self.processor(loop, metrics)
            processor = batches
            tracer = OTelTracer(processor: SpanFaults(next: batches, service: service), metrics: metrics)
            router.add(
                middleware: ObservabilityMiddleware(
                    tracer: tracer, metrics: metrics, quietRoutes: ["/livez", "/readyz", "/metrics"],
                    randomUInt64: { random.next() }, prepare: faults.preparation()))
        } else {
            logger = .noOp
            processor = nil
            tracer = NoOpTracer()
        }
        Self.addRoute(
            to: router, Operations(tracer: tracer, logger: logger), databaseSpans: databaseSpans,
            internalSpans: internalSpans, lines: lines)
        responder = router.buildResponder()
        request = Request(
            method: .post, uri: "/v1/tasks",
            headers: [
                "host": "127.0.0.1:8081", "content-type": "application/json", "idempotency-key": "load-1",
                "user-agent": "tailspan/1.0.0", "x-request-id": "7c1f03a94de2b865", "x-request-timeout-ms": "5000",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
            ], body: Self.body, remoteAddress: "127.0.0.1")
    }

    private static func addRoute(
        to router: Router, _ operations: Operations, databaseSpans: Int, internalSpans: Int, lines: Int
    ) {
        let logger = operations.logger
        let query = QueryText("INSERT INTO tasks (id, state) VALUES (?, ?) ON CONFLICT (id) DO NOTHING")
        // Not a literal, as in a service.
        let taskID = ["t", "7c1f03a94de2b8650001"].joined(separator: "-")
        router.get("/v1/tasks/{id}") { _, _ in Response() }
        router.post("/v1/tasks") { _, _ in
            for _ in 0..<databaseSpans {
                try operations.database("INSERT", "tasks", namespace: "tasks.sqlite", text: query.text) {}
            }
            for _ in 0..<internalSpans {
                try await operations.run(
                    "compute sort",
                    attributes: [
                        Attribute.taskID: .string(taskID), Attribute.workloadKind: "sort", Attribute.workloadSize: 10,
                    ]
                ) { _ in }
            }
            for _ in 0..<lines {
                logger.info(
                    "task settled",
                    metadata: [
                        LogField.component: "saga", LogField.taskID: .string(taskID), "state": "settled",
                        LogField.guildID: "g-1", LogField.amount: 1, LogField.workload: "sort",
                    ])
            }
            return Response(status: .created, headers: ["content-type": "application/json"], body: body)
        }
    }

    private static func processor(_ loop: EventLoop, _ metrics: any MetricsFactory) throws -> BatchSpanProcessor {
        let settings = OTelConfiguration(
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "otlp"])
        guard
            let exporter = OTLPHTTPSpanExporter(
                configuration: settings.exporter.traces, resource: .default, version: OTelSDK.version,
                dependencies: OTLPExporterDependencies(
                    transport: { _, _ in
                        HTTPClient.Response(
                            status: .ok, headers: ["content-type": "application/x-protobuf"], body: [])
                    }, sleep: { try await loop.sleep(for: $0) }, metrics: metrics))
        else { throw SpansLost(text: "there is no exporter") }
        return BatchSpanProcessor(exporter: exporter, eventLoop: loop, metrics: metrics)
    }

    /// Between requests, the exporter's tasks get their turns on the loop.
    func run(_ count: Int) async throws {
        for index in 1...count {
            let context = RequestContext(logger: logger, eventLoop: loop)
            let response = try await responder.respond(to: request, context: context)
            context.completion.complete(
                ResponseCompletion.Outcome(written: true, status: response.status, bodySize: response.body.count))
            if index.isMultiple(of: 16) { for _ in 0..<24 { await Task.yield() } }
        }
    }

    /// - Throws: an error if spans were dropped, in which case the measurement is worth nothing.
    func finish() async throws {
        await processor?.shutdown()
        output.close()
        let text = String(decoding: metrics.expose(accept: nil).body, as: UTF8.self)
        for line in text.split(separator: "\n") where line.contains(#"error_type="queue_full""#) {
            guard line.hasSuffix(" 0") else { throw SpansLost(text: String(line)) }
        }
    }

    private static let body = Array(
        #"{"guild_id":"g-7","amount":25,"workload":{"kind":"sha256","size":2000}}"#.utf8)
}

private struct SpansLost: Error, CustomStringConvertible {
    let text: String
    var description: String { "spans were lost: \(text)" }
}
