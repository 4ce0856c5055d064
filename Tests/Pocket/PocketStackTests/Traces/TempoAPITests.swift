import Encoding
import HTTP
import OTLP
import Testing

@testable import PocketStore

/// The expected texts have the shape of Tempo 3.0.3's answers.
@Suite("Tempo's API for traces") struct TempoAPITests {
    private static let batches = #"""
        [{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gateway"}},{"key":"service.version","value":{"stringValue":"1.0"}}]},"scopeSpans":[{"scope":{"name":"tailspan","version":"0.1.0"},"spans":[{"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"APBnqgupArc=","traceState":"k=v","flags":257,"name":"GET /v1/tasks/{id}","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1795193351760487936","endTimeUnixNano":"1795193352010487936","attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"http.response.status_code","value":{"intValue":"500"}},{"key":"ratio","value":{"doubleValue":0.5}},{"key":"cached","value":{"boolValue":false}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}},{"key":"nums","value":{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"2"}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}},{"key":"n","value":{"intValue":"1"}}]}}},{"key":"raw","value":{"bytesValue":"AAH/"}},{"key":"request_id","value":{"stringValue":"r-17"}},{"key":"empty","value":{"stringValue":""}}],"droppedAttributesCount":1,"events":[{"timeUnixNano":"1795193351860487936","name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"boom"}},{"key":"exception.type","value":{"stringValue":"E"}}]}],"links":[{"traceId":"AZWvPI0uS3+abB5dcPKzhA==","spanId":"cIXTHkqfvCY=","attributes":[{"key":"why","value":{"stringValue":"retry"}}]}],"status":{"message":"boom","code":"STATUS_CODE_ERROR"}}]}]},{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"tasks"}}]},"scopeSpans":[{"scope":{"name":"tailspan","version":"0.1.0"},"spans":[{"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"U5lcP0LNitg=","parentSpanId":"APBnqgupArc=","name":"SELECT tasks","kind":"SPAN_KIND_CLIENT","startTimeUnixNano":"1795193351810488064","endTimeUnixNano":"1795193351910488064","attributes":[{"key":"db.system","value":{"stringValue":"sqlite"}},{"key":"rows","value":{"intValue":"3"}}],"status":{"code":"STATUS_CODE_OK"}},{"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"ucfJifl5GOE=","parentSpanId":"U5lcP0LNitg=","name":"render","kind":"SPAN_KIND_INTERNAL","startTimeUnixNano":"1795193351820487936","endTimeUnixNano":"1795193351830487936","status":{}}]}]}]
        """#

    @Test(arguments: [traceIDs.plain, traceIDs.upperCase, traceIDs.plain + "?start=1795190000&end=1795190001"])
    func theFirstAPIVersionAnswersATraceByID(path: String) async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let response = try await tempo.get("/api/traces/\(path)")
        #expect(response.status == .ok)
        #expect(response.headers["content-type"] == "application/json")
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"batches":\#(Self.batches)}"#)
    }

    private static let traceIDs = (
        plain: TraceFixture.traceID, upperCase: TraceFixture.traceID.uppercased()
    )

    @Test func theSecondAPIVersionAnswersATraceByID() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let response = try await tempo.get("/api/v2/traces/\(TraceFixture.traceID)")
        let expected = #"{"trace":{"resourceSpans":\#(Self.batches)},"metrics":{}}"#
        #expect(String(decoding: response.body, as: UTF8.self) == expected)
    }

    @Test func aTraceIsAnsweredAsProtobufOnRequest() async throws {
        let tempo = try await TraceFixture()
        let sent = try OTLPDecoder.traces(json: Array(TraceFixture.everything.utf8))
        _ = try await tempo.push(json: TraceFixture.everything)
        let accept: HTTPFields = ["accept": "application/protobuf"]
        let first = try await tempo.get("/api/traces/\(TraceFixture.traceID)", headers: accept)
        #expect(first.headers["content-type"] == "application/protobuf")
        #expect(try OTLPDecoder.traces(protobuf: first.body) == sent)
        let second = try await tempo.get("/api/v2/traces/\(TraceFixture.traceID)", headers: accept)
        var expected = ByteWriter()
        expected.appendProtobuf(field: 1, size: first.body.count)
        expected.append(contentsOf: first.body)
        expected.append(contentsOf: [0x12, 0x00])
        #expect(second.body == expected.bytes)
    }

    @Test func aTraceIDMayLackItsLeadingZeros() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.span())
        let response = try await tempo.get("/api/traces/195af3c8d2e4b7f9a6c1e5d70f2b384")
        #expect(response.status == .ok)
    }

    @Test(arguments: [
        ("/api/traces/11111111111111111111111111111111", 404, ""), ("/api/traces/0", 404, ""),
        ("/api/v2/traces/11111111111111111111111111111111", 200, #"{"trace":{},"metrics":{}}"#),
        (
            "/api/traces/xyz", 400,
            "trace IDs can only contain hex characters: invalid character 'x' at position 1"
        ),
        ("/api/traces/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 400, "trace IDs can't be larger than 128 bits"),
        ("/api/traces/1?start=abc", 400, "invalid start: expected whole seconds since 1970, not \"abc\""),
        (
            "/api/traces/1?start=20&end=10", 400,
            "http parameter start must be before end. received start=20 end=10"
        ),
        ("/ready", 200, "ready\n"), ("/api/echo", 200, "echo\n"),
        ("/api/search?q={resource.service.name=", 400, "invalid TraceQL query: parse error at line 1, col 24: "),
        (
            "/api/search?q={duration=\"x\"}", 400,
            "invalid TraceQL query: binary operations must operate on the same type: duration = `x`"
        ),
        ("/api/search?q={}|rate()", 200, #"{"traces":[],"metrics":"#),
        ("/api/search?q={}|compare({})", 400, "invalid TraceQL query: pocket stack: `| compare()` is not supported"),
        ("/api/search?q={}&tags=a=b", 400, "invalid request: can't specify tags and q in the same query"),
        ("/api/search?q={}&limit=0", 400, "invalid limit: must be a positive number"),
        ("/api/search?q={}&limit=abc", 400, "invalid limit: expected a whole number"),
        ("/api/search?q={}&limit=1000000", 400, "limit 1000000 exceeds max limit 262144"),
        ("/api/search?q={}&spss=abc", 400, "invalid spss: "), ("/api/search?q={}&spss=-1", 400, "invalid spss: "),
        ("/api/search?q={}&spss=101", 400, "spans per span set exceeds 100. received 101"),
        ("/api/search?q={}&start=7", 400, "http parameter start must be before end. received start=7 end=0"),
        ("/api/search?q={}&start=1795193351760487936&end=1", 400, "invalid start: "),
        ("/api/search?tags=a=b&minDuration=abc", 400, "invalid minDuration: "),
        ("/api/search?tags=novalue", 400, "invalid tags: expected key=value"),
        ("/api/search/tags?scope=nope", 400, "invalid scope: nope"),
        ("/api/v2/search/tags?scope=nope", 400, "invalid scope: nope"),
        (
            "/api/v2/search/tag/service.name/values", 400,
            "please provide a valid tagName: failed to parse identifier service.name: "
        ),
    ])
    func unknownAndInvalidIDsAreAnsweredAsInTempo(uri: String, status: Int, text: String) async throws {
        let tempo = try await TraceFixture()
        let response = try await tempo.get(uri)
        #expect(response.status.code == status)
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(text.isEmpty ? body.isEmpty : body.hasPrefix(text), "\(body)")
    }

    @Test func answersAreCompressedOnRequest() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let uri = "/api/traces/\(TraceFixture.traceID)"
        let plain = try await tempo.get(uri)
        let small = try await tempo.get(uri, headers: ["accept-encoding": "gzip"])
        #expect(small.headers["content-encoding"] == "gzip")
        #expect(try Gzip.decompress(small.body, limit: 1 << 20) == plain.body)
        #expect(plain.headers["content-encoding"] == nil)
    }
}
