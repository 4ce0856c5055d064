import Logging
import Prometheus
import ServiceTesting
import Synchronization
import TraceContext
import Tracing
import Vocabulary

@testable import FaultKinds
@testable import FaultRules

/// An injector whose time stands still until it is told to move.
final class InjectorFixture: Sendable {
    private final class Time: Sendable {
        let start = ContinuousClock.now
        let passed = Mutex<Duration>(.zero)
        var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
    }

    private let time: Time
    let metrics = PrometheusMetricsFactory()
    let logs = InMemoryLogHandler()
    let injector: FaultInjector

    init(
        _ service: ServiceRole = .payments, seed: UInt64 = 0, isHidden: Bool = false, acceptsFromRequests: Bool = false
    ) {
        var configuration = FaultInjector.Configuration(service: service)
        configuration.seed = seed
        configuration.isHidden = isHidden
        configuration.acceptsFromRequests = acceptsFromRequests
        let time = Time()
        self.time = time
        injector = FaultInjector(
            configuration: configuration, ledger: FaultLedger(path: nil) { _ in },
            logger: Logger(label: "faults", handler: logs), metrics: metrics, now: { time.now })
    }

    func advance(by duration: Duration) { time.passed.withLock { $0 += duration } }

    /// What the rules make of a request with this trace id.
    func faults(
        _ trace: TraceID? = TraceID(high: 1, low: 2), operation: String = "reserve", baggage: [String: String] = [:],
        values: [String: String] = [:]
    ) -> RequestFaults? {
        var context = ServiceContext.topLevel
        if let trace {
            context.spanContext = SpanContext(traceID: trace, spanID: SpanID(value: 1), traceFlags: .sampled)
        }
        if !baggage.isEmpty {
            var all = Baggage()
            for (key, value) in baggage { all[key] = value }
            context.baggage = all
        }
        let span = NoOpTracer().startSpan("x", context: context, ofKind: .server, at: nil, attributes: [:])
        return injector.faults(operation: operation, requestID: "req-1", context: context, span: span) { values[$0] }
    }

    func set(_ text: String, seed: UInt64? = nil) throws {
        try injector.replace(FaultRule.list(parsing: text), seed: seed)
    }

    /// The exposition's lines that begin so.
    func metric(_ prefix: String) -> [String] {
        String(decoding: metrics.expose(accept: nil).body, as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }
}
