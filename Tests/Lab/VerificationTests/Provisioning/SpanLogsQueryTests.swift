import Testing

@testable import Verification

@Suite("The query from a span to its logs") struct SpanLogsQueryTests {
    private let span = SpanRecord(
        traceID: "t1", spanID: "s1", service: "tasks", name: "INSERT", kind: .client, startNS: 600_123_456_789,
        endNS: 601_999_999_999,
        attributes: [.init("db.system", "sqlite"), .init("plain", "p"), .init("twice", "span")],
        resource: [.init("service.name", "tasks"), .init("twice", "resource")])

    private func query(
        _ text: String?, type: String = "tempo", _ change: (inout TracesToLogs) -> Void = { _ in }
    ) throws(SpanLogsQuery.Refusal) -> SpanLogsQuery {
        var setting = TracesToLogs(
            datasourceUID: "loki", tags: [.init("service.name", "service_name")], customQuery: text)
        change(&setting)
        return try SpanLogsQuery(
            setting, of: DataSource(name: "T", uid: "t", type: type), span: span,
            in: TraceData(traceID: "t1", spans: [span]))
    }

    @Test(arguments: [
        ("{${__tags}}", #"{service_name="tasks"}"#, SpanLogsQuery.Scope.service),
        ("${__trace.traceId} ${__trace.duration} ${__trace.name}", "t1 1876543 tasks: INSERT", .trace),
        ("${__span.traceId} ${__span.name} ${__span.duration}", "t1 INSERT 1876543", .trace),
        ("${__span.spanId} $__tags", #"s1 service_name="tasks""#, .span),
        (#"${__span.tags["db.system"]} ${__span.tags['db.system']}"#, "sqlite sqlite", .trace),
        ("${__span.tags.plain} ${__span.tags.twice}", "p span", .trace),
        (#"${__span.tags["service.name"]}"#, "tasks", .service),
    ])
    func theVariablesOfAQueryAreFilledIn(_ text: String, _ expected: String, _ scope: SpanLogsQuery.Scope) throws {
        let query = try query(text)
        #expect(query.expression == expected)
        #expect(query.scope == scope)
    }

    @Test(arguments: ["${__span.tags.db.system}", "${__span.nothing}", "${job}", "${__span.tags}"])
    func aVariableWithoutAValueMakesNoLink(_ text: String) {
        #expect(throws: SpanLogsQuery.Refusal(reason: "\(text) has no value for this span, so Grafana shows no link")) {
            try query(text)
        }
    }

    @Test func theTagsOfAJaegerSpanLackItsService() {
        let refusal = #expect(throws: SpanLogsQuery.Refusal.self) { try query("{${__tags}}", type: "jaeger") }
        #expect(refusal?.reason.hasPrefix("${__tags} is empty for this span") == true)
    }

    @Test func theDefaultQueryEqualsGrafanas() throws {
        let standard = try query(nil) { $0.tags = [] }
        #expect(standard.expression == #"{service_name="tasks"}"#)
        let filtered = try query(nil) {
            $0.filtersByTraceID = true
            $0.filtersBySpanID = true
        }
        #expect(filtered.expression.hasSuffix(#"log_line_contains_span_id="true" or span_id="s1""#))
        #expect(filtered.expression.contains(#"log_line_contains_trace_id="true" or trace_id="t1""#))
        #expect(filtered.scope == .span)
    }

    @Test func theTimeIsShiftedInWholeMilliseconds() throws {
        #expect(try query("x").range == 600_123_000_000..<601_999_000_000)
        let shifted = try query("x") {
            $0.startShift = "-1m"
            $0.endShift = "1m"
        }
        #expect(shifted.range == 540_123_000_000..<661_999_000_000)
        // The end is always after the start.
        #expect(try query("x") { $0.startShift = "1h" }.range == 4_200_123_000_000..<4_200_124_000_000)
        #expect(try query("x") { $0.startShift = "-1h" }.range.lowerBound == 0)
    }

    @Test func theShortestSpanOfEachServiceIsTried() {
        let evidence = SyntheticEvidence.good(requests: 9)
        let sampled = SpanLogsAsker.sampled(evidence)
        #expect(sampled.count == evidence.traces.values.reduce(0) { $0 + $1.services.count })
        for (span, trace) in sampled {
            #expect(trace.spans.allSatisfy { $0.service != span.service || $0.durationNS >= span.durationNS })
        }
        let many = SpanLogsAsker.sampled(SyntheticEvidence.good(requests: 120))
        #expect(many.count == SpanLogsAsker.sample)
        #expect(Set(many.map(\.trace.traceID)).count > 90, "it is spread over all traces")
    }
}
