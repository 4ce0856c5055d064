import Encoding
import Metrics
import Synchronization
import Testing

@testable import Prometheus

@Suite("The Prometheus instruments")
struct InstrumentTests {
    @Test("A counter only goes up")
    func aCounterOnlyGoesUp() {
        let factory = PrometheusMetricsFactory.testing()
        let counter = Counter(label: "c", factory: factory)
        counter.increment()
        counter.increment(by: 4)
        counter.increment(by: -2)
        counter.increment(by: 0)
        #expect(factory.samples == ["c_total 5"])
    }

    @Test("A gauge can be set and moved")
    func aGaugeGoesUpAndDown() {
        let factory = PrometheusMetricsFactory.testing()
        let gauge = Gauge(label: "g", factory: factory)
        gauge.record(3)
        gauge.add(-4.5)
        #expect(factory.samples == ["g -1.5"])
    }

    @Test("A value equal to a bound lies within its bucket")
    func aValueAtABoundIsInItsBucket() {
        let factory = PrometheusMetricsFactory.testing()
        // Neither sorted nor finite nor unique.
        let histogram = Histogram(label: "h", unit: "", buckets: [2, 1, .infinity, 1, .nan], factory: factory)
        for value in [-1, 1, 1.5, 2, 3, .infinity, .nan] { histogram.record(value) }
        #expect(
            factory.samples == [
                #"h_bucket{le="1"} 2"#, #"h_bucket{le="2"} 4"#, #"h_bucket{le="+Inf"} 6"#, "h_sum +Inf", "h_count 6",
            ])
    }

    @Test("Concurrent recordings are all counted")
    func concurrentRecordingsAreAllCounted() async {
        let factory = PrometheusMetricsFactory.testing { Exemplar(traceHigh: 1, traceLow: 2, spanID: 3) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for index in 0..<2000 {
                        Counter(label: "c", dimensions: [("i", String(index % 7))], factory: factory).increment()
                        Gauge(label: "g", factory: factory).add(0.5)
                        Histogram(label: "h", unit: "", buckets: [1], factory: factory).record(Double(index % 2) + 0.5)
                        if index % 500 == 0 { _ = factory.text }
                    }
                }
            }
        }
        let samples = factory.samples
        let counted = samples.filter { $0.hasPrefix("c_total{") }.compactMap { Int($0.split(separator: " ")[1]) }
        #expect(counted.count == 7)
        #expect(counted.reduce(0, +) == 16_000)
        #expect(samples.contains("g 8000"))
        #expect(samples.contains(#"h_bucket{le="1"} 8000"#))
        #expect(samples.contains("h_count 16000"))
        #expect(samples.contains("h_sum 16000"))
    }

    @Test("Each bucket keeps its latest exemplar, even after a recording outside a sampled span")
    func eachBucketKeepsItsLatestExemplar() {
        let next = Mutex<Exemplar?>(nil)
        let factory = PrometheusMetricsFactory.testing { next.withLock { $0 } }
        let histogram = Histogram(label: "h", unit: "", buckets: [1], factory: factory)
        let counter = Counter(label: "c", factory: factory)
        histogram.record(0.5)
        counter.increment()
        #expect(!factory.openMetrics.contains("trace_id"))
        for (span, value) in [(1, 0.25), (2, 0.5), (nil, 0.75)] as [(UInt64?, Double)] {
            next.withLock { $0 = span.map { Exemplar(traceHigh: 0, traceLow: $0, spanID: $0) } }
            histogram.record(value)
            counter.increment(by: 2)
        }
        let lines = factory.openMetrics.split(separator: "\n").filter { $0.contains("trace_id") }
        let span = #"# {trace_id="00000000000000000000000000000002",span_id="0000000000000002"}"#
        #expect(
            lines == ["c_total 7 \(span) 2 1700000000.042", #"h_bucket{le="1.0"} 4 \#(span) 0.5 1700000000.042"#])
    }

    @Test("A bucket keeps an exemplar for a while before it takes the next one")
    func aBucketKeepsAnExemplarForAWhile() {
        let time = Atomic<UInt64>(1_700_000_000_000_000_000)
        let span = Atomic<UInt64>(1)
        let factory = PrometheusMetricsFactory(
            exemplar: {
                let span = span.load(ordering: .relaxed)
                return Exemplar(traceHigh: 0, traceLow: span, spanID: span)
            }, clock: WallClock { time.load(ordering: .relaxed) }, exemplarAge: 10)
        let histogram = Histogram(label: "h", unit: "", buckets: [1], factory: factory)
        let counter = Counter(label: "c", factory: factory)
        // The clock is set back at the end.
        for (number, step) in [(1, 0), (2, 9), (3, 1), (4, 9), (5, -100)] as [(UInt64, Int64)] {
            span.store(number, ordering: .relaxed)
            time.wrappingAdd(UInt64(bitPattern: step), ordering: .relaxed)
            histogram.record(0.5)
            counter.increment()
            let kept: UInt64 = [1, 1, 3, 3, 5][Int(number) - 1]
            let lines = factory.openMetrics.split(separator: "\n").filter { $0.contains("trace_id") }
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.contains("span_id=\"000000000000000\(kept)\"") }, "value \(number)")
        }
    }
}
