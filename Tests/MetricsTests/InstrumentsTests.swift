import Synchronization
import Testing

@testable import Metrics

@Suite("Instruments hand on what they are told")
struct InstrumentsTests {
    private let metrics = RecordingMetrics()

    @Test("A counter makes its handler once, and adds one unless told otherwise")
    func counter() {
        let counter = Counter(label: "sent", unit: "{line}", dimensions: [("sink", "file")], factory: metrics)
        counter.increment()
        counter.increment(by: 41)
        #expect(metrics.all == ["counter sent{sink=file} {line}", "sent{sink=file} +1", "sent{sink=file} +41"])
    }

    @Test("A gauge is set, and moved in both directions")
    func gauge() {
        let gauge = Gauge(label: "depth", unit: "{task}", factory: metrics)
        gauge.record(3)
        gauge.add(1.5)
        gauge.add(-2)
        #expect(metrics.all == ["gauge depth{} {task}", "depth{} =3.0", "depth{} ±1.5", "depth{} ±-2.0"])
    }

    @Test("A histogram measures seconds in the buckets that the conventions advise, unless told otherwise")
    func histogram() {
        Histogram(label: "took", factory: metrics).record(0.25)
        Histogram(label: "size", unit: "By", buckets: [1, 10], factory: metrics).record(7)
        #expect(
            metrics.all == [
                "histogram \(Histogram.durationBuckets) took{} s", "took{} =0.25",
                "histogram [1.0, 10.0] size{} By", "size{} =7.0",
            ])
        #expect(Histogram.durationBuckets == Histogram.durationBuckets.sorted())
        #expect(Histogram.durationBuckets.first == 0.005 && Histogram.durationBuckets.last == 10)
    }

    @Test("An observed value is read when it is asked for, each time anew")
    func observed() {
        let value = Atomic(1)
        let read: @Sendable () -> Double = { Double(value.load(ordering: .relaxed)) }
        metrics.observe(
            label: "queue", description: "", unit: "{task}", kind: .gauge, dimensions: [], read: read)
        #expect(metrics.read("queue{}") == 1)
        value.store(5, ordering: .relaxed)
        #expect(metrics.read("queue{}") == 5)
        #expect(metrics.all == ["observed gauge queue{} {task}"])
    }

    @Test("The backend that keeps nothing takes everything")
    func noOp() {
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
