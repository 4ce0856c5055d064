import Metrics
import Testing

@testable import Prometheus

@Suite("The metrics exposition")
struct ExpositionTests {
    /// One of everything.
    static func registry() -> PrometheusMetricsFactory {
        let span = Exemplar(traceHigh: 0x0123_4567_89AB_CDEF, traceLow: 0xFEDC_BA98_7654_3210, spanID: 0xDEAD_BEEF)
        let factory = PrometheusMetricsFactory.testing { span }
        Counter(
            label: "requests", description: "Requests \"served\"\nby \\ us.", unit: "{request}",
            dimensions: [("http.route", "/v1/{id}"), ("code", "200")], factory: factory
        ).increment(by: 3)
        Counter(label: "requests", dimensions: [("code", "500"), ("http.route", "a\"b\\c\nd")], factory: factory)
            .increment()
        Gauge(label: "memory", description: "Memory in use.", unit: "By", factory: factory).record(1.5)
        let histogram = Histogram(
            label: "http.server.request.duration", description: "Duration.", buckets: [0.5, 1, 2.5],
            dimensions: [("method", "GET")], factory: factory)
        for value in [0.25, 0.5, 0.75, 2, 100] { histogram.record(value) }
        factory.observe(
            label: "process.cpu", description: "CPU time.", unit: "s", kind: .counter, dimensions: [], read: { 12.25 })
        return factory
    }

    @Test("Metrics are written in the text format 0.0.4")
    func metricsAreWrittenInTheTextFormat() {
        let (contentType, body) = Self.registry().expose(accept: nil)
        #expect(contentType == "text/plain; version=0.0.4; charset=utf-8")
        let expected = #"""
            # HELP http_server_request_duration_seconds Duration.
            # TYPE http_server_request_duration_seconds histogram
            http_server_request_duration_seconds_bucket{method="GET",le="0.5"} 2
            http_server_request_duration_seconds_bucket{method="GET",le="1"} 3
            http_server_request_duration_seconds_bucket{method="GET",le="2.5"} 4
            http_server_request_duration_seconds_bucket{method="GET",le="+Inf"} 5
            http_server_request_duration_seconds_sum{method="GET"} 103.5
            http_server_request_duration_seconds_count{method="GET"} 5
            # HELP memory_bytes Memory in use.
            # TYPE memory_bytes gauge
            memory_bytes 1.5
            # HELP process_cpu_seconds_total CPU time.
            # TYPE process_cpu_seconds_total counter
            process_cpu_seconds_total 12.25
            # HELP requests_total Requests "served"\nby \\ us.
            # TYPE requests_total counter
            requests_total{code="200",http_route="/v1/{id}"} 3
            requests_total{code="500",http_route="a\"b\\c\nd"} 1

            """#
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    @Test("Metrics are written in OpenMetrics 1.0 with exemplars on buckets and counters")
    func metricsAreWrittenInOpenMetrics() {
        let (contentType, body) = Self.registry().expose(accept: "application/openmetrics-text; version=1.0.0")
        #expect(contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        let span = #"{trace_id="0123456789abcdeffedcba9876543210",span_id="00000000deadbeef"}"#
        let expected = #"""
            # HELP http_server_request_duration_seconds Duration.
            # TYPE http_server_request_duration_seconds histogram
            # UNIT http_server_request_duration_seconds seconds
            http_server_request_duration_seconds_bucket{method="GET",le="0.5"} 2 # \#(span) 0.5 1700000000.042
            http_server_request_duration_seconds_bucket{method="GET",le="1.0"} 3 # \#(span) 0.75 1700000000.042
            http_server_request_duration_seconds_bucket{method="GET",le="2.5"} 4 # \#(span) 2 1700000000.042
            http_server_request_duration_seconds_bucket{method="GET",le="+Inf"} 5 # \#(span) 100 1700000000.042
            http_server_request_duration_seconds_sum{method="GET"} 103.5
            http_server_request_duration_seconds_count{method="GET"} 5
            # HELP memory_bytes Memory in use.
            # TYPE memory_bytes gauge
            # UNIT memory_bytes bytes
            memory_bytes 1.5
            # HELP process_cpu_seconds CPU time.
            # TYPE process_cpu_seconds counter
            # UNIT process_cpu_seconds seconds
            process_cpu_seconds_total 12.25
            # HELP requests Requests \"served\"\nby \\ us.
            # TYPE requests counter
            requests_total{code="200",http_route="/v1/{id}"} 3 # \#(span) 3 1700000000.042
            requests_total{code="500",http_route="a\"b\\c\nd"} 1 # \#(span) 1 1700000000.042
            # EOF

            """#
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    @Test("An empty registry writes no metric")
    func anEmptyRegistryWritesNoMetric() {
        #expect(PrometheusMetricsFactory.testing().text.isEmpty)
        #expect(PrometheusMetricsFactory.testing().openMetrics == "# EOF\n")
    }

    @Test("Unusual numbers are written as the format specifies")
    func unusualNumbersAreWrittenAsSpecified() {
        let factory = PrometheusMetricsFactory.testing()
        for (index, value) in [.nan, .infinity, -.infinity, 1e21, -0.000001, 9e15, 3].enumerated() {
            Gauge(label: "g", dimensions: [("i", String(index))], factory: factory).record(value)
        }
        #expect(
            factory.samples.map { $0.split(separator: " ")[1] } == [
                "NaN", "+Inf", "-Inf", "1e+21", "-1e-06", "9000000000000000", "3",
            ])
    }

    @Test("Two readings of unchanged metrics are the same")
    func twoReadingsAreTheSame() {
        let factory = Self.registry()
        #expect(factory.text == factory.text)
        #expect(factory.openMetrics == factory.openMetrics)
    }

    static let accepts: [(String?, Bool)] = [
        (nil, false), ("", false), ("*/*", false), ("text/plain", false), ("application/json", false),
        ("application/openmetrics-text", true), ("application/openmetrics-text;version=1.0.0", true),
        ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", true),
        ("application/openmetrics-text;version=0.0.1", false), ("application/openmetrics-text;q=0", false),
        ("APPLICATION/OpenMetrics-Text; Q=0.5", true),
        // What Prometheus 2 and 3 send.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true
        ),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.9", false),
        ("text/html,application/xhtml+xml,*/*;q=0.8", false),
    ]

    @Test("The format is negotiated", arguments: accepts)
    func theFormatIsNegotiated(accept: String?, isOpenMetrics: Bool) {
        #expect((ExpositionFormat(accept: accept) == .openMetrics) == isOpenMetrics)
    }
}
