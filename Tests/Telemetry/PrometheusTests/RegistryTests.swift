import Metrics
import Testing

@testable import Prometheus

@Suite("The metrics registry")
struct RegistryTests {
    @Test("Equal labels and dimensions share a handler, in any order")
    func equalLabelAndDimensionsShareAHandler() {
        let factory = PrometheusMetricsFactory.testing()
        let first = factory.makeCounter(label: "c", description: "", unit: "", dimensions: [("a", "1"), ("b", "2")])
        let second = factory.makeCounter(
            label: "c", description: "other", unit: "", dimensions: [("b", "2"), ("a", "1")])
        let third = factory.makeCounter(label: "c", description: "", unit: "", dimensions: [("a", "1"), ("b", "3")])
        #expect(first as? CounterSeries === second as? CounterSeries)
        #expect(first as? CounterSeries !== third as? CounterSeries)
        #expect(factory.text.contains("# HELP c_total The metric c.\n"))
    }

    @Test("The first buckets apply to every series of a histogram")
    func theFirstBucketsApplyToEverySeries() {
        let factory = PrometheusMetricsFactory.testing()
        Histogram(label: "h", unit: "", buckets: [1], dimensions: [("a", "1")], factory: factory).record(1)
        Histogram(label: "h", unit: "", buckets: [7, 8], dimensions: [("a", "2")], factory: factory).record(1)
        #expect(factory.samples.count == 8)
        #expect(!factory.text.contains("le=\"7\""))
    }

    @Test("Series over the cardinality limit share one overflow series")
    func seriesOverTheLimitShareOneOverflowSeries() {
        let factory = PrometheusMetricsFactory.testing(seriesLimit: 3)
        for index in 0..<10 {
            Counter(label: "c", dimensions: [("id", String(index))], factory: factory).increment()
        }
        // Those that are there already go on as before, also when their dimensions come in another order.
        Counter(label: "c", dimensions: [("id", "2")], factory: factory).increment()
        #expect(
            factory.samples == [
                #"c_total{id="0"} 1"#, #"c_total{id="1"} 1"#, #"c_total{id="2"} 2"#,
                #"c_total{otel_metric_overflow="true"} 7"#,
            ])
        // Another metric has its own limit.
        Counter(label: "d", dimensions: [("id", "1")], factory: factory).increment()
        #expect(factory.samples.contains(#"d_total{id="1"} 1"#))
    }

    @Test("The default limit is 2000 series")
    func theDefaultLimitIs2000Series() {
        let factory = PrometheusMetricsFactory()
        for index in 0..<2100 { Gauge(label: "g", dimensions: [("id", String(index))], factory: factory).record(1) }
        #expect(factory.samples.count == 2001)
        for index in 0..<2100 {
            factory.observe(
                label: "o", description: "", unit: "", kind: .gauge, dimensions: [("id", String(index))], read: { 1 })
        }
        #expect(factory.samples.count == 4001)
    }

    @Test("The last of two observations of a series wins")
    func theLastObservationOfASeriesWins() {
        let factory = PrometheusMetricsFactory.testing()
        for value in [1.0, 2.0] {
            factory.observe(
                label: "o", description: "", unit: "", kind: .gauge, dimensions: [("a", "b")], read: { value })
        }
        #expect(factory.samples == [#"o{a="b"} 2"#])
        // A series that was observed can be taken over, and taken back.
        let gauge = Gauge(label: "o", dimensions: [("a", "b")], factory: factory)
        gauge.record(3)
        #expect(factory.samples == [#"o{a="b"} 3"#])
        factory.observe(label: "o", description: "", unit: "", kind: .gauge, dimensions: [("a", "b")], read: { 4 })
        #expect(factory.samples == [#"o{a="b"} 4"#])
    }

    @Test("An observation may use the registry itself")
    func anObservationMayUseTheRegistry() {
        let factory = PrometheusMetricsFactory.testing()
        factory.observe(label: "o", description: "", unit: "", kind: .gauge, dimensions: []) { [factory] in
            Counter(label: "scrapes", factory: factory).increment()
            return 1
        }
        #expect(factory.samples == ["o 1"])
        #expect(factory.samples.contains("scrapes_total 2"))
    }

    @Test("A name of two kinds stops the process")
    func aNameOfTwoKindsStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            let factory = PrometheusMetricsFactory()
            _ = Counter(label: "requests", factory: factory)
            _ = Gauge(label: "requests", factory: factory)
        }
    }

    @Test("A name that equals a sample of another family stops the process")
    func aNameOfAnotherFamilysSampleStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            let factory = PrometheusMetricsFactory()
            _ = Histogram(label: "requests", unit: "", factory: factory)
            _ = Gauge(label: "requests_count", factory: factory)
        }
    }
}
