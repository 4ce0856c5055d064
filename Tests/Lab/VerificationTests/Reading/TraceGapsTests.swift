import Testing

@testable import Verification

@Suite("The gaps of a trace")
struct TraceGapsTests {
    private func span(
        _ id: Int, _ parent: Int?, _ service: String = "gateway", _ kind: SpanRecord.Kind = .server,
        _ attributes: [SpanRecord.Attribute] = []
    ) -> SpanRecord {
        SpanRecord(
            traceID: FakeStores.traceID, spanID: FakeStores.spanID(id), parentSpanID: parent.map(FakeStores.spanID),
            service: service, name: "name \(id)", kind: kind, startNS: UInt64(id), endNS: UInt64(id) + 9,
            attributes: attributes)
    }

    private func line(_ span: Int?, _ service: String = "gateway", sampled: Bool? = nil) -> LogRecord {
        var labels = ["service": service]
        labels["span_id"] = span.map(FakeStores.spanID)
        labels["trace_sampled"] = sampled.map { "\($0)" }
        return LogRecord(timestampNS: 0, labels: labels, line: "a line")
    }

    private func gaps(_ spans: [SpanRecord], _ lines: [LogRecord]?) -> TraceGaps {
        TraceGaps(TraceData(traceID: FakeStores.traceID, spans: spans), lines: lines)
    }

    @Test("A trace with every parent and every line's span has no gaps")
    func aCompleteTraceHasNoGaps() {
        let whole = gaps([span(1, nil), span(2, 1, "tasks")], [line(1), line(2, "tasks"), line(nil)])
        #expect(whole == TraceGaps())
        #expect(whole.isComplete && !whole.isLikelyToGrow && whole.description.isEmpty)
    }

    @Test("A missing parent is a gap unless it is the caller's span")
    func aMissingParentIsAGapUnlessItIsTheCallers() {
        // The root is there, so nobody calls from outside.
        let torn = gaps([span(1, nil), span(3, 2, "tasks")], [])
        #expect(torn.spans == [.init(FakeStores.spanID(2), parentOf: "tasks name 3")])
        #expect(torn.description == "span \(FakeStores.spanID(2)), the parent of tasks name 3")
        // Only what comes in can be called from outside.
        #expect(!gaps([span(3, 2, "tasks", .internal)], []).isComplete)
        // Two requests of one caller, or of two.
        #expect(gaps([span(1, 8), span(2, 8)], []).callers == [FakeStores.spanID(8)])
        #expect(gaps([span(1, 8), span(2, 9)], []).callers == [8, 9].map(FakeStores.spanID))
        // The later service is called by the earlier one, whose span has not come.
        let inner = gaps([span(1, 8), span(4, 3, "tasks")], [])
        #expect(inner.callers == [FakeStores.spanID(8)])
        #expect(inner.spans.map(\.spanID) == [FakeStores.spanID(3)])
        // A service's own span is no caller's.
        let known = gaps([span(3, 1, "tasks")], [line(1), line(3, "tasks")])
        #expect(known.callers.isEmpty)
        #expect(known.spans == [.init(FakeStores.spanID(1), of: "gateway", parentOf: "tasks name 3")])
        #expect(known.description == "span \(FakeStores.spanID(1)) of gateway")
    }

    @Test("The missing span of a line is a gap only in a sampled trace")
    func aLinesMissingSpanIsAGapOnlyWhenSampled() {
        #expect(
            gaps([span(1, nil)], [line(1), line(7, "executor")]).spans == [.init(FakeStores.spanID(7), of: "executor")])
        #expect(gaps([span(1, nil)], [line(1), line(7, "executor", sampled: false)]).isComplete)
    }

    @Test("An answered call without its server span is likely to grow, and is no gap")
    func anAnsweredCallWithoutItsServerSpanMayStillGrow() {
        let answered = [SpanRecord.Attribute("http.response.status_code", "503")]
        let call = gaps([span(1, nil), span(2, 1, "gateway", .client, answered)], [line(1)])
        #expect(call.openCalls == 1 && call.isLikelyToGrow && call.isComplete)
        #expect(!gaps([span(1, nil), span(2, 1, "gateway", .client)], [line(1)]).isLikelyToGrow)
        let query = answered + [SpanRecord.Attribute("db.system.name", "sqlite")]
        #expect(!gaps([span(1, nil), span(2, 1, "gateway", .client, query)], [line(1)]).isLikelyToGrow)
        #expect(gaps([span(1, nil, "tasks", .producer)], []).openCalls == 1)
        #expect(!gaps([span(1, nil, "tasks", .producer), span(2, 1, "tasks", .consumer)], []).isLikelyToGrow)
    }

    @Test("A SERVER span without a line is counted when its service writes lines")
    func aServerSpanWithoutALineIsCounted() {
        #expect(gaps([span(1, nil), span(2, 1, "tasks")], [line(1)]).silentSpans == 1)
        #expect(gaps([span(1, nil)], []).silentSpans == 0)
        #expect(gaps([span(1, nil)], nil).silentSpans == 0)
    }

    @Test("Gaps beyond the first few are counted")
    func furtherGapsAreCounted() {
        let torn = gaps([span(1, nil)] + (10..<20).map { span($0, $0 + 100) }, [])
        #expect(torn.spans.count == 10)
        #expect(torn.description.hasSuffix("; and 7 more"))
    }
}
