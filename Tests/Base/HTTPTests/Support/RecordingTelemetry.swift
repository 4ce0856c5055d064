import Metrics
import Synchronization
import Tracing

/// A tracer that keeps its spans, without an SDK.
final class RecordingTracer: Tracer {
    private let started = Mutex<[RecordingSpan]>([])

    var spans: [RecordingSpan] { started.withLock { $0 } }

    func startSpan(
        _ operationName: String, context: ServiceContext, ofKind kind: SpanKind, at nanosecondsSinceEpoch: UInt64?,
        attributes: SpanAttributes
    ) -> any Span {
        let span = RecordingSpan(operationName, context, attributes)
        started.withLock { $0.append(span) }
        return span
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {}
}

final class RecordingSpan: Span {
    let context: ServiceContext
    let operation: String
    private let stored: Mutex<SpanAttributes>
    private let ends = Mutex(0)

    init(_ operation: String, _ context: ServiceContext, _ attributes: SpanAttributes) {
        self.operation = operation
        self.context = context
        stored = Mutex(attributes)
    }

    var operationName: String {
        get { operation }
        set {}
    }
    var attributes: SpanAttributes {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
    var isRecording: Bool { true }
    var endCount: Int { ends.withLock { $0 } }
    func setStatus(_ status: SpanStatus) {}
    func addEvent(_ event: SpanEvent) {}
    func recordError(_ error: any Error, attributes: SpanAttributes) {}
    func addLink(_ link: SpanLink) {}
    func end(at nanosecondsSinceEpoch: UInt64?) { ends.withLock { $0 += 1 } }
}

/// A metrics backend that counts the values of each histogram: `route=/a,status=200`.
final class CountingMetrics: MetricsFactory {
    private let counted = Mutex<[String: Int]>([:])

    /// The number of values by dimensions, sorted by name.
    var histograms: [String: Int] { counted.withLock { $0 } }

    private struct Series: HistogramHandler {
        let key: String
        let owner: CountingMetrics
        func record(_ value: Double) { owner.counted.withLock { $0[key, default: 0] += 1 } }
    }

    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    ) -> any CounterHandler { NOOPMetricsHandler() }
    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    ) -> any GaugeHandler { NOOPMetricsHandler() }
    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler {
        let key = dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
        return Series(key: key, owner: self)
    }
    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) {}
}
