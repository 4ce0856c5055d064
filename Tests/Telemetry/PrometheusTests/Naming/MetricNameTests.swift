import Testing

@testable import Prometheus

@Suite("Prometheus names of OpenTelemetry metrics")
struct MetricNameTests {
    static let names: [(String, String, MetricKind, String, String?)] = [
        ("http.server.request.duration", "s", .histogram, "http_server_request_duration_seconds", "seconds"),
        ("http.server.active_requests", "{request}", .gauge, "http_server_active_requests", nil),
        ("otel.sdk.exporter.span.exported", "{span}", .counter, "otel_sdk_exporter_span_exported", nil),
        ("http.server.request.body.size", "By", .histogram, "http_server_request_body_size_bytes", "bytes"),
        ("cache.hits", "1", .gauge, "cache_hits_ratio", "ratio"), ("cache.hits", "1", .counter, "cache_hits", nil),
        ("cache.hits", "1", .histogram, "cache_hits", nil), ("plain", "", .gauge, "plain", nil),
        ("already_seconds", "s", .gauge, "already_seconds", "seconds"),
        ("process.cpu_seconds_total", "s", .counter, "process_cpu_seconds", "seconds"),
        ("seconds", "s", .gauge, "seconds", "seconds"),
        ("nanoseconds", "s", .gauge, "nanoseconds_seconds", "seconds"),
        ("speed", "m/s", .gauge, "speed_meters_per_second", "meters_per_second"),
        ("rate", "{request}/s", .gauge, "rate_per_second", "per_second"),
        ("rate", "By/h", .gauge, "rate_bytes_per_hour", "bytes_per_hour"),
        ("load", "%", .gauge, "load_percent", "percent"), ("wait", "ms", .gauge, "wait_milliseconds", "milliseconds"),
        ("odd", "foo.bar", .gauge, "odd_foo_bar", "foo_bar"), ("odd", "By{file}", .gauge, "odd_bytes", "bytes"),
        ("9lives", "", .gauge, "_9lives", nil), ("a..b--c", "", .gauge, "a_b_c", nil),
        ("ns:name", "", .gauge, "ns:name", nil),
        ("héllo", "", .gauge, "h_llo", nil), ("", "", .gauge, "_", nil),
    ]

    @Test("A label and a unit become a Prometheus name", arguments: names)
    func theNameIsTranslated(label: String, unit: String, kind: MetricKind, base: String, openMetricsUnit: String?) {
        let name = MetricName(label: label, unit: unit, kind: kind)
        #expect(name.base == base)
        #expect(name.unit == openMetricsUnit)
    }

    @Test("Labels are sorted, sanitized, joined and escaped")
    func labelsAreSortedSanitizedJoinedAndEscaped() {
        #expect(SeriesLabels([]).text.isEmpty)
        #expect(SeriesLabels([("http.route", "/v1"), ("a", "x")]).text == #"a="x",http_route="/v1""#)
        #expect(SeriesLabels([("b", "2"), ("a", "1")]) == SeriesLabels([("a", "1"), ("b", "2")]))
        #expect(SeriesLabels([("a.b", "1"), ("a_b", "2"), ("c:d", "")]).text == #"a_b="1;2",c_d="""#)
        #expect(SeriesLabels([("p", "a\"b\\c\nd é")]).text == #"p="a\"b\\c\nd é""#)
        #expect(SeriesLabels([("1st", "x")]).text == #"_1st="x""#)
    }
}
