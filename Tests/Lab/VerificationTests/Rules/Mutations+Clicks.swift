@testable import Verification

/// What a click in Grafana comes to: the files that it was provisioned with, and what its data sources answer.
extension Mutations {
    static let clicks = [
        Mutation(20, "a time that begins an hour too late") {
            $0.changeTempo { $0.traceQuery = .init(isShifted: true, startShift: "-1h", endShift: "1h") }
        },
        Mutation(20, "a time that ends an hour too early") {
            $0.changeTempo { $0.traceQuery = .init(isShifted: true, startShift: "1h", endShift: "-1h") }
        },
        .answer(20, "a time that is refused, being the wrong way round") {
            $0.traces[0].window = .init(start: 9, end: 1)
            $0.traces[0].outcome = .refused("answered 400: start must be before end")
        },
        Mutation(20, "a time that is none") {
            $0.changeTempo { $0.traceQuery = .init(isShifted: true, startShift: "an hour") }
        },
        .answer(20, "an old trace is not found in the time that is asked for") {
            $0.traces.append(
                TraceClick(
                    source: "Tempo", traceID: "a", window: .init(start: 1, end: 2), isOld: true, outcome: .notFound))
        },
        .answer(20, "a trace of now is not found") { $0.traces[0].outcome = .notFound },
        Mutation(21, "a variable in an address that nobody set") { $0.changeTempo { $0.url = "" } },
        .answer(21, "a closed port") { $0.reach["loki"] = .silent("could not connect") },
        .answer(22, "no status") { $0.changeSpan { $0.hasStatus = false } },
        .answer(22, "no scope") { $0.changeSpan { $0.hasScope = false } },
        .answer(22, "no resource") { $0.changeSpan { $0.hasResource = false } },
        .answer(22, "no protobuf") { $0.traces[0].outcome = .unreadable("wire type 7") },
        .answer(22, "an error instead of a trace") { $0.traces[0].outcome = .refused("answered 500") },
        .answer(22, "a span is left out") {
            guard case .trace(var trace) = $0.traces[0].outcome else { return }
            trace.spans.removeLast()
            $0.traces[0].outcome = .trace(trace)
        },
        Mutation(23, "a flag that JavaScript does not know") {
            $0.changeField("Label") { $0.expression = "(?i)^trace_id$" }
        },
        Mutation(23, "a class that JavaScript does not know") {
            $0.searchLines(#""trace_id":"([[:xdigit:]]{32})""#)
        },
        Mutation(24, "a service map of a store that is not there") { $0.changeTempo { $0.serviceMapUID = "mimir" } },
        Mutation(24, "a service map of lines") { $0.changeTempo { $0.serviceMapUID = "loki" } },
        Mutation(24, "numbers of a store that is not there") {
            $0.changeTempo { $0.tracesToMetrics?.datasourceUID = "mimir" }
        },
        Mutation(24, "a metric that nobody makes") {
            $0.changeTempo { $0.tracesToMetrics?.queries = [.init("x", "sum(http_requests_total{${__tags}})")] }
        },
        Mutation(24, "a metric that Tempo might make, and does not") {
            $0.changeTempo { $0.tracesToMetrics?.queries = [.init("x", "traces_spanmetrics_duration_bucket[5m]")] }
        },
        Mutation(24, "a variable without a value") {
            $0.changeTempo { $0.tracesToMetrics?.tags = [.init("app.name", "app")] }
        },
        Mutation(24, "an attribute on the bars that no span has") { $0.changeTempo { $0.spanBarTag = "http.status" } },
        Mutation(24, "exemplars by a name that none has") { $0.changeLinks { $0[2].exemplars[0].label = "traceid" } },
        Mutation(24, "exemplars that lead to lines") {
            $0.changeLinks { $0[2].exemplars[0].datasourceUID = "loki" }
        },
        .answer(24, "series that are not there") {
            $0.numbers["prometheus"]?["http_server_request_duration_seconds_count"] = []
        },
        Mutation(25, "the same link by the label and by the line") { $0.addField(.line) },
    ]

    static let dashboards = [
        Mutation(26, "two dollar signs in an annotation") {
            $0.changeAlert { $0.annotations[0].text = "{{ $$labels.service }} logs errors" }
        },
        Mutation(26, "one dollar sign in a label, as it is left") {
            $0.changeAlert { $0.labels[1].text = "{{ .service }}" }
        },
        Mutation(26, "a label that no result has") {
            $0.changeAlert { $0.annotations[0].text = "{{ $labels.pod }}" }
        },
        Mutation(26, "a query that is not there") {
            $0.changeAlert { $0.annotations[0].text = "{{ $values.C.Value }}" }
        },
        Mutation(26, "a template without an end") { $0.changeAlert { $0.annotations[0].text = "{{ $labels.service" } },
        Mutation(26, "an environment variable in an annotation") {
            $0.changeAlert { $0.annotations[1].text = "${GRAFANA_URL}/explore" }
        },
        Mutation(27, "a dashboard that is not there") { $0.linkDashboard("/d/gone?${__url_time_range}") },
        Mutation(27, "a variable that is not there") {
            $0.linkDashboard("/d/trace?var-traceID=x&${__url_time_range}")
        },
        Mutation(27, "a variable that the dashboard itself does not have") {
            $0.linkDashboard("/d/trace?var-trace_id=${traceID}&${__url_time_range}")
        },
        Mutation(27, "no time range") { $0.linkDashboard("/d/trace?var-trace_id=${trace}") },
        Mutation(27, "a choice that is lost on the way to the same page") {
            $0.linkDashboard("/d/logs?var-service=${__value.raw}&${__url_time_range}")
        },
        Mutation(27, "a data source that is not there") {
            $0.linkDashboard("/explore?panes=%7B%22a%22%3A%7B%22datasource%22%3A%22mimir%22%7D%7D")
        },
        Mutation(27, "an address that Explore cannot read") { $0.linkDashboard("/explore?panes=%7B") },
    ]
}

extension ClickAnswers {
    /// Changes a span of the first trace that was opened.
    mutating func changeSpan(_ change: (inout GrafanaTrace.Span) -> Void) {
        guard case .trace(var trace) = traces[0].outcome else { return }
        change(&trace.spans[0])
        traces[0].outcome = .trace(trace)
    }
}
