import Metrics
import Testing

@Suite("The first lines that a user writes with an instrument")
struct FirstLinesOfMetricsTests {
    @Test("An instrument needs only a label and reports to the backend of the process")
    func anInstrumentNeedsOnlyALabel() {
        // Before there is a backend, everything is taken and nothing kept.
        Counter(label: "early").increment()
        let metrics = RecordingMetrics()
        MetricsSystem.bootstrap(metrics)
        Counter(label: "orders").increment()
        Counter(label: "orders", dimensions: [("guild", "g-1")]).increment(by: 2)
        Gauge(label: "depth").record(3)
        Histogram(label: "took").record(0.5)
        #expect(
            metrics.all.filter { !$0.contains(" ") || $0.contains(" +") || $0.contains(" =") } == [
                "orders{} +1", "orders{guild=g-1} +2", "depth{} =3.0", "took{} =0.5",
            ])
    }

    @Test("An instrument takes a variable of any integer type")
    func anInstrumentTakesAVariableOfAnyIntegerType() {
        let metrics = RecordingMetrics()
        let (count, bytes) = (3, UInt64.max)
        let counter = Counter(label: "a", factory: metrics)
        counter.increment(by: count)
        counter.increment(by: bytes)
        Gauge(label: "b", factory: metrics).record(count)
        Histogram(label: "c", factory: metrics).record(count)
        #expect(
            metrics.all.filter { $0.contains(" +") || $0.contains(" =") } == [
                "a{} +3", "a{} +\(Int64.max)", "b{} =3.0", "c{} =3.0",
            ])
    }
}
