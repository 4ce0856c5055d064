import Verification

/// As much of LogQL as links need: `{a="b", c="d"} | e="f" | …`.
struct FakeLogQL {
    private var conditions: [(name: String, value: String)] = []

    /// `nil` for anything else.
    init?(_ query: String) {
        // Without regular expressions, which take most of a test's time in a debug build.
        guard query.hasPrefix("{"), let end = query.firstIndex(of: "}") else { return nil }
        let pipeline = query[query.index(after: end)...].split(separator: "|").map(Self.trimmed).filter { !$0.isEmpty }
        for condition in query[..<end].dropFirst().split(separator: ",").map(Self.trimmed) + pipeline {
            guard let equals = condition.firstIndex(of: "=") else { return nil }
            let name = Self.trimmed(condition[..<equals])
            let value = Self.trimmed(condition[condition.index(after: equals)...])
            guard !name.isEmpty, name.utf8.allSatisfy({ (97...122).contains($0) || $0 == UInt8(ascii: "_") }),
                value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\""),
                !value.dropFirst().dropLast().contains("\"")
            else { return nil }
            conditions.append((String(name), String(value.dropFirst().dropLast())))
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.utf8.first == UInt8(ascii: " ") { text = text.dropFirst() }
        while text.utf8.last == UInt8(ascii: " ") { text = text.dropLast() }
        return text
    }

    func matches(_ labels: [String: String]) -> Bool {
        conditions.allSatisfy { labels[$0.name, default: ""] == $0.value }
    }
}

extension [DataSource] {
    /// A store of lines first, of traces second, of numbers third, which lead to each other.
    static var good: [DataSource] {
        [
            DataSource(
                name: "Loki", uid: "loki", type: "loki", url: "http://127.0.0.1:3100",
                derivedFields: [
                    DerivedField(name: "Label", matcher: .label, expression: "^trace_id$", datasourceUID: "tempo")
                ], isDefault: true),
            DataSource(
                name: "Tempo", uid: "tempo", type: "tempo", url: "http://127.0.0.1:3200",
                tracesToLogs: TracesToLogs(
                    datasourceUID: "loki", startShift: "-5m", endShift: "5m",
                    tags: [.init("service.name", "service_name")],
                    customQuery: #"{service_namespace="tailspan", ${__tags}} | trace_id="${__trace.traceId}""#),
                tracesToMetrics: TracesToMetrics(
                    datasourceUID: "prometheus", tags: [.init("service.name", "service_name")],
                    queries: [
                        .init("Requests", "rate(http_server_request_duration_seconds_count{${__tags}}[5m])"),
                        .init("Spans", #"traces_spanmetrics_calls_total{span_name="${__span.name}"}"#),
                    ]), serviceMapUID: "prometheus", spanBarTag: "http.response.status_code"),
            DataSource(
                name: "Prometheus", uid: "prometheus", type: "prometheus", url: "http://127.0.0.1:9090",
                exemplars: [ExemplarLink(label: "trace_id", datasourceUID: "tempo")]),
        ]
    }
}

extension [AlertRule] {
    static var good: [AlertRule] {
        [
            AlertRule(
                title: "Errors",
                annotations: [
                    ("summary", "{{ $labels.service }} logs {{ $values.A.Value }} errors"),
                    ("url", #"{{ reReplaceAll "/$" "" (externalURL) }}/explore"#),
                ], labels: [("severity", "critical"), ("of", "{{ $labels.service }}")], queries: ["A", "B"],
                expressions: "sum by (service) (count_over_time({level=\"error\"}[1m]))")
        ]
    }
}

extension [GrafanaDashboard] {
    static var good: [GrafanaDashboard] {
        [
            GrafanaDashboard(
                uid: "logs", title: "Logs", variables: ["service", "level", "trace"], addressed: ["service", "level"],
                links: [
                    DashboardLink(
                        place: "panel Lines", title: "This service",
                        url: "/d/logs?var-service=${__field.labels.service}&${level:queryparam}&${__url_time_range}"),
                    DashboardLink(
                        place: "panel Lines", title: "Trace",
                        url: "/d/trace/one?var-trace_id=${trace}&from=${__from}&to=${__to}"),
                    DashboardLink(
                        place: "panel Lines", title: "Explore",
                        url: "/explore?panes=%7B%22a%22%3A%7B%22datasource%22%3A%22tempo%22%7D%7D"),
                    DashboardLink(place: "", title: "Docs", url: "https://example.invalid/d/none"),
                ]),
            GrafanaDashboard(
                uid: "trace", title: "One trace", variables: ["trace_id"],
                links: [
                    DashboardLink(place: "", title: "Logs", url: "/d/logs", keepsTime: true, keepsVariables: true)
                ]),
        ]
    }
}
