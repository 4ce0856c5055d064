import Encoding
import Logging
import Metrics
import OTelSDK
import Synchronization
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import FaultHooks
@testable import FaultKinds
@testable import FaultRules

@Suite("Faults in spans and their clock")
struct SpanFaultsTests {
    private let kept = InMemorySpanExporter()
    private let offset = ClockOffset()
    private let ledger = FaultLedger(path: nil) { _ in }
    private let tracer: OTelTracer
    private let injector: FaultInjector
    private let service: ServiceWideFaults

    init() {
        injector = FaultInjector(
            configuration: FaultInjector.Configuration(service: .tasks), ledger: ledger, logger: .noOp,
            metrics: NOOPMetricsHandler())
        service = ServiceWideFaults(injector: injector, clock: offset, logFile: ReplaceableFileWrite())
        tracer = OTelTracer(
            processor: SpanFaults(next: kept, service: service), ids: .seeded(7), clock: TraceClock(wall: .system))
    }

    /// A request with a span of its own and one below it; gives the context below, as it would be passed on.
    private func request(_ rules: String) throws -> SpanContext? {
        try injector.replace(FaultRule.list(parsing: rules))
        let span = tracer.startSpan("request", context: .topLevel, ofKind: .server, at: nil, attributes: [:])
        var context = span.context
        context.faults = injector.faults(
            operation: "create-task", requestID: "r", context: context, span: span
        ) { _ in nil }
        if let hits = context.faults { hits.begin(in: &context) }
        let passedOn = ServiceContext.withValue(context) {
            let child = tracer.startSpan("child", context: context, ofKind: .client, at: nil, attributes: [:])
            child.end()
            return child.context.spanContext
        }
        // The request's own span ends when its answer has been sent, outside its task.
        span.end()
        return passedOn
    }

    @Test func spansOfOtherRequestsAreKept() throws {
        #expect(try request("tasks:lost-spans,match=guild_id:g-0")?.isSampled == true)
        #expect(kept.spans.map(\.name) == ["child", "request"])
        #expect(ledger.entries().isEmpty)
    }

    @Test func lostSpansKeepTheSampledFlag() throws {
        #expect(try request("tasks:lost-spans")?.isSampled == true)
        #expect(kept.spans.isEmpty)
        #expect(ledger.entries().map(\.kind) == ["lost-spans"])
        // Others go on as ever.
        #expect(try request("")?.isSampled == true)
        #expect(kept.spans.map(\.name) == ["child", "request"])
        #expect(kept.spans.allSatisfy { $0.attributes["tailspan.span.lost"] == nil })
    }

    @Test func anUnsampledSpanIsPassedOnAsUnsampled() throws {
        let passedOn = try request("tasks:unsampled-but-logged")
        #expect(passedOn?.isSampled == false)
        #expect(passedOn?.isValid == true)
        #expect(kept.spans.isEmpty)
        #expect(ledger.entries().map(\.kind) == ["unsampled-but-logged"])
    }

    @Test func spansShareTheSkewedClockOfLines() throws {
        let clock = offset.applied(to: WallClock { 1_000_000_000_000 })
        #expect(clock.now() == 1_000_000_000_000)
        try injector.replace(FaultRule.list(parsing: "tasks:clock-skew=-2s"))
        service.refresh()
        #expect(clock.now() == 998_000_000_000)
        #expect(ledger.entries().map(\.kind) == ["clock-skew"])
        try injector.replace([])
        #expect(clock.now() == 1_000_000_000_000)
    }

    @Test func aPlainHandlerReceivesFaultsAsFields() throws {
        let seen = Recorder()
        var handler = FaultMarkingLogHandler(seen, activity: injector.activity)
        handler.logLevel = .trace
        let logger = Logger(label: "tasks", handler: handler)
        logger.info("before")
        try injector.replace(FaultRule.list(parsing: "tasks:latency=1ms,id=slow"))
        var context = ServiceContext.topLevel
        let span = NoOpSpan(context: context)
        context.faults = injector.faults(operation: "create-task", requestID: "r", context: context, span: span) { _ in
            nil
        }
        ServiceContext.withValue(context) {
            logger.info("not yet")
            let hits = context.faults
            hits?.hit(.latency).map { _ = hits?.inject($0) }
            logger.info("slow", metadata: ["amount": 5])
        }
        #expect(
            seen.fields == [
                [:], [:], ["amount": 5, "tailspan.fault.id": "slow", "tailspan.fault.kind": "latency"],
            ])
    }

    /// Keeps the fields of what is logged.
    private struct Recorder: LogHandler {
        private final class Storage: Sendable {
            let fields = Mutex<[Logger.Metadata]>([])
        }
        private let storage = Storage()
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]
        var fields: [Logger.Metadata] { storage.fields.withLock { $0 } }
        func log(event: LogEvent) { storage.fields.withLock { $0.append(event.metadata) } }
    }

    @Test func aClockSkewRuleReadsBackAsWritten() throws {
        for text in ["tasks:clock-skew=+5s", "tasks:clock-skew=-200ms"] {
            #expect(try FaultRule(parsing: text).description == text)
        }
    }
}
