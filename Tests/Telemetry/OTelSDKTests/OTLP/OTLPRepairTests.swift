import Encoding
import Testing

@testable import OTLP

@Suite("OTLP with blots")
struct OTLPRepairTests {
    private static let ids = #""traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef""#

    @Test("half an emoji in one span does not cost the others")
    func halfASurrogatePair() throws {
        let spans =
            #"{\#(Self.ids),"name":"a\ud83db"},{\#(Self.ids),"name":"\ude00\ud83d\ud83d\ude00"},{\#(Self.ids),"name":"good"}"#
        let body = Array(#"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans)]}]}]}"#.utf8)
        let traces = try OTLPDecoder.traces(json: body)
        #expect(traces.resourceSpans[0].spans.map(\.name) == ["a\u{FFFD}b", "\u{FFFD}\u{FFFD}😀", "good"])
    }

    @Test("bytes that are not UTF-8 become U+FFFD, in JSON and protobuf")
    func invalidUTF8() throws {
        let name = Array("x".utf8) + [0xFF, 0xC3] + Array("y".utf8)
        let before = Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":""#.utf8)
        let json = try OTLPDecoder.logs(json: before + name + Array(#"","eventName":"e\n\#u{7F}"}]}]}]}"#.utf8))
        #expect(json.resourceLogs[0].records[0].severityText == "x\u{FFFD}\u{FFFD}y")
        #expect(json.resourceLogs[0].records[0].eventName == "e\n\u{7F}")

        var writer = ProtobufWriter()
        let marks = [1, 2, 2].map { writer.begin($0, expectedWidth: 1) }
        let mark = writer.begin(OTLPField.LogRecord.severityText, expectedWidth: 1)
        writer.output.append(contentsOf: name)
        writer.end(mark)
        for mark in marks.reversed() { writer.end(mark) }
        let protobuf = try OTLPDecoder.logs(protobuf: writer.output.bytes)
        #expect(protobuf.resourceLogs[0].records[0].severityText == "x\u{FFFD}\u{FFFD}y")
    }

    @Test("absent numbers are 0")
    func absentNumbers() throws {
        let body = Array(#"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(Self.ids)}]}]}]}"#.utf8)
        let span = try OTLPDecoder.traces(json: body).resourceSpans[0].spans[0]
        #expect(span.startTime == 0 && span.endTime == 0 && span.flags == 0 && span.kind.rawValue == 0)
    }

    @Test(
        "what stands under other names is counted",
        arguments: [
            (
                OTLPSignalKind.traces, #"{"resource_spans":[{"scope_spans":[{"spans":[{},{}]},{"spans":[{}]}]}]}"#, 3,
                "resource_spans"
            ),
            (.traces, #"{"resourceSpans":[{"scope_spans":[{"spans":[{}]}]}]}"#, 1, "scope_spans"),
            (.logs, #"{"resource_logs":[{"scope_logs":[{"log_records":[{},{}]}]}]}"#, 2, "resource_logs"),
            (.logs, #"{"resourceLogs":[{"scopeLogs":[{"log_records":[{}]}]}]}"#, 1, "log_records"),
            (.traces, #"{"spans":[{}]}"#, 0, "spans"),
        ])
    func misnamed(kind: OTLPSignalKind, body: String, count: Int, name: String) throws {
        let found = try #require(OTLPMisnamedItems(kind, json: Array(body.utf8)))
        #expect(found.count == count)
        #expect(found.message.contains("found \"\(name)\""))
    }

    @Test(
        "an empty request is empty",
        arguments: ["{}", #"{"resourceSpans":[]}"#, #"{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}],"more":1}"#])
    func empty(body: String) {
        #expect(OTLPMisnamedItems(.traces, json: Array(body.utf8)) == nil)
    }
}
