import Encoding
import Testing

@testable import OTLP

@Suite("OTLP requests with flaws")
struct OTLPRepairTests {
    private static let ids = #""traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef""#

    @Test("Half a surrogate pair in one span does not spoil the others")
    func halfASurrogatePairDoesNotSpoilOtherSpans() throws {
        let spans =
            #"{\#(Self.ids),"name":"a\ud83db"},{\#(Self.ids),"name":"\ude00\ud83d\ud83d\ude00"},{\#(Self.ids),"name":"good"}"#
        let body = Array(#"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans)]}]}]}"#.utf8)
        let traces = try OTLPDecoder.traces(json: body)
        #expect(traces.resourceSpans[0].spans.map(\.name) == ["a\u{FFFD}b", "\u{FFFD}\u{FFFD}😀", "good"])
    }

    @Test("Bytes that are not UTF-8 become U+FFFD in JSON and protobuf")
    func bytesThatAreNotUTF8AreReplaced() throws {
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

    @Test("Absent numbers are zero")
    func absentNumbersAreZero() throws {
        let body = Array(#"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(Self.ids)}]}]}]}"#.utf8)
        let span = try OTLPDecoder.traces(json: body).resourceSpans[0].spans[0]
        #expect(span.startTime == 0 && span.endTime == 0 && span.flags == 0 && span.kind.rawValue == 0)
    }

    @Test(
        "Items under wrong names are counted",
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
    func itemsUnderWrongNamesAreCounted(kind: OTLPSignalKind, body: String, count: Int, name: String) throws {
        let found = try #require(OTLPMisnamedItems(kind, json: Array(body.utf8)))
        #expect(found.count == count)
        #expect(found.message.contains("found \"\(name)\""))
    }

    @Test(
        "An empty request has no misnamed items",
        arguments: ["{}", #"{"resourceSpans":[]}"#, #"{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}],"more":1}"#])
    func anEmptyRequestHasNoMisnamedItems(body: String) {
        #expect(OTLPMisnamedItems(.traces, json: Array(body.utf8)) == nil)
    }
}
