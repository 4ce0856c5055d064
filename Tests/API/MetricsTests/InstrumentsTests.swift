import Synchronization
import Testing

@testable import Metrics

@Suite("Instruments pass on what they are told")
struct InstrumentsTests {
    private let metrics = RecordingMetrics()

    @Test("A counter makes its handler once and adds one by default")
    func aCounterMakesItsHandlerOnceAndAddsOneByDefault() {
        let counter = Counter(label: "sent", unit: "{line}", dimensions: [("sink", "file")], factory: metrics)
        counter.increment()
        counter.increment(by: 41)
        #expect(metrics.all == ["counter sent{sink=file} {line}", "sent{sink=file} +1", "sent{sink=file} +41"])
    }

    @Test("A gauge is set and moves in both directions")
    func aGaugeIsSetAndMovesInBothDirections() {
        let gauge = Gauge(label: "depth", unit: "{task}", factory: metrics)
        gauge.record(3)
        gauge.add(1.5)
        gauge.add(-2)
        #expect(metrics.all == ["gauge depth{} {task}", "depth{} =3.0", "depth{} ±1.5", "depth{} ±-2.0"])
    }

    @Test("A histogram measures seconds in the buckets that the conventions recommend by default")
    func aHistogramMeasuresSecondsInTheRecommendedBuckets() {
        Histogram(label: "took", factory: metrics).record(0.25)
        Histogram(label: "size", unit: "By", buckets: [1, 10], factory: metrics).record(7)
        #expect(
            metrics.all == [
                "histogram \(Histogram.durationBuckets) took{} s", "took{} =0.25",
                "histogram [1.0, 10.0] size{} By", "size{} =7.0",
            ])
        #expect(Histogram.durationBuckets == Histogram.durationBuckets.sorted())
    }

    /// OpenTelemetry semantic conventions, "http.server.request.duration": the recommended bounds start at 5 ms. Faster
    /// responses need finer ones, so some are added below, and nowhere else.
    @Test("Duration buckets have the recommended bounds, and finer ones below them")
    func durationBucketsExtendTheRecommendedOnes() {
        let advised = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
        let bounds = Histogram.durationBuckets
        #expect(Array(bounds.suffix(advised.count)) == advised)
        #expect(bounds.first == 0.000_25)
        // A quantile is off by no more than the step between two bounds.
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 && $1 <= 2.5 * $0 })
        #expect(bounds.count <= 20)
    }

    @Test("An observed value is read anew each time it is asked for")
    func anObservedValueIsReadAnewEachTime() {
        let value = Atomic(1)
        let read: @Sendable () -> Double = { Double(value.load(ordering: .relaxed)) }
        metrics.observe(
            label: "queue", description: "", unit: "{task}", kind: .gauge, dimensions: [], read: read)
        #expect(metrics.read("queue{}") == 1)
        value.store(5, ordering: .relaxed)
        #expect(metrics.read("queue{}") == 5)
        #expect(metrics.all == ["observed gauge queue{} {task}"])
    }

    @Test("The backend that keeps nothing accepts everything")
    func theNoOpBackendAcceptsEverything() {
        let metrics = NOOPMetricsHandler()
        Counter(label: "a", factory: metrics).increment()
        Gauge(label: "b", factory: metrics).add(1)
        Gauge(label: "b", factory: metrics).record(1)
        Histogram(label: "c", factory: metrics).record(1)
        metrics.observe(label: "d", description: "", unit: "", kind: .counter, dimensions: []) {
            Issue.record("nobody reads it")
            return 0
        }
    }
}
