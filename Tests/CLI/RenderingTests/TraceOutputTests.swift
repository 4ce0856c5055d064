import Encoding
import Terminal
import Testing
import Verification

@testable import Rendering

@Suite("The output of a trace")
struct TraceOutputTests {
    private static let terminal = Terminal(sink: MemorySink())

    private func output(_ spans: [SpanRecord], _ lines: [LogRecord] = SampleTrace.lines) -> TraceOutput {
        let trace = spans.isEmpty ? nil : TraceData(traceID: SampleTrace.id, spans: spans)
        return TraceOutput(reading: TraceReading(traceID: SampleTrace.id, trace: trace, lines: lines))
    }

    private func last(_ output: TraceOutput) -> [String] { output.lines(on: Self.terminal).suffix(2).map(\.plain) }

    private func json(_ output: TraceOutput) throws -> JSONValue {
        var json = JSONWriter()
        output.write(to: &json)
        return try JSONValue(parsing: json.string)
    }

    private var whole: [SpanRecord] {
        SampleTrace.trace.spans.map { span in
            var span = span
            if span.spanID == "a1" { span.parentSpanID = nil }
            return span
        }
    }

    @Test("A complete trace has no remarks")
    func aCompleteTraceHasNoRemarks() throws {
        let output = output(whole)
        #expect(last(output).last?.contains("request refused") == true)
        let json = try json(output)
        #expect(json["complete"] == true)
        #expect(json["missing"] == [])
        #expect(json["caller_spans_not_sent"] == [])
        #expect(json["spans"]?.array?.count == 6)
        #expect(json["log_lines"]?.array?.count == 4)
    }

    @Test("A caller's span that was not sent is explained")
    func aMissingCallersSpanIsExplained() throws {
        let output = output(SampleTrace.trace.spans)
        #expect(last(output) == ["", "the caller's span ffff was not sent: what sent the request sends no spans"])
        #expect(try json(output)["complete"] == true)
        #expect(try json(output)["caller_spans_not_sent"] == ["ffff"])
    }

    @Test("The gaps of an incomplete trace are named")
    func theGapsOfAnIncompleteTraceAreNamed() throws {
        let output = output(whole.filter { $0.spanID != "b3" })
        #expect(
            last(output) == [
                "incomplete so far: span b3, the parent of payments POST /v1/reservations",
                "It may still come: tailspan trace \(SampleTrace.id) --wait 30s",
            ])
        let json = try json(output)
        #expect(json["complete"] == false)
        #expect(json["missing"] == [["span_id": "b3", "parent_of": "payments POST /v1/reservations"]])
    }

    @Test("Lines without spans are shown, with the reason why there is no span")
    func linesWithoutSpansAreShownWithTheReason() throws {
        let unsampled = LogRecord(
            timestampNS: 1, labels: ["trace_sampled": "false", "service": "tasks"], line: "a line")
        #expect(last(output([], [unsampled])).last == "incomplete so far: it was not sampled, so no spans were sent")
        #expect(last(output([])).first == "incomplete so far: no span has come")
        #expect(try json(output([]))["complete"] == false)
        #expect(output([]).lines(on: Self.terminal).contains { $0.plain.contains("task stored") })
    }
}
