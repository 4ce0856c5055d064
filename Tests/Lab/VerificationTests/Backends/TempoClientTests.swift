import HTTP
import Testing
import Verification

@Suite("The client of Tempo") struct TempoClientTests {
    private func client(_ status: HTTPStatus, _ body: String) -> TempoClient {
        TempoClient(baseURL: "http://tempo:3200", transport: FakeTransport { _ in .init(status, body) })
    }

    @Test func idsInBase64AreRead() async throws {
        let answer = """
            {"batches":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"tasks"}}]},
            "scopeSpans":[{"scope":{"name":"s"},"spans":[
            {"traceId":"ASNFZ4mrze8BI0VniavN7w==","spanId":"AAAAAAAAAQI=","parentSpanId":"/+7dzLuqmYg=","name":"UPDATE tasks",
            "kind":"SPAN_KIND_CLIENT","startTimeUnixNano":"1795193683000000002","endTimeUnixNano":"1795193683000000009",
            "attributes":[{"key":"n","value":{"intValue":"500"}},{"key":"f","value":{"doubleValue":0.5}},
            {"key":"b","value":{"boolValue":true}},{"key":"s","value":{"stringValue":""}},
            {"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"}]}}},
            {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":false}}]}}}],
            "events":[{"timeUnixNano":"1795193683000000005","name":"exception",
            "attributes":[{"key":"exception.type","value":{"stringValue":"E"}}]}],
            "links":[{"traceId":"ASNFZ4mrze8BI0VniavN7w==","spanId":"AAAAAAAAAQM="}],
            "status":{"message":"boom","code":"STATUS_CODE_ERROR"}},
            {"traceId":"ASNFZ4mrze8BI0VniavN7w==","spanId":"AAAAAAAAAQQ=","name":"first","kind":"SPAN_KIND_SERVER",
            "startTimeUnixNano":"1795193683000000001","endTimeUnixNano":"1795193683000000009","status":{}}]}]}]}
            """
        let trace = try #require(try await client(.ok, answer).trace(id: "0123456789abcdef0123456789abcdef"))
        #expect(trace.spans.map(\.name) == ["first", "UPDATE tasks"])
        #expect(trace.services == ["tasks"])
        #expect(trace.spans[0].parentSpanID == nil)
        #expect(trace.spans[0].kind == .server)
        #expect(!trace.spans[0].statusError)
        let span = trace.spans[1]
        #expect(span.traceID == "0123456789abcdef0123456789abcdef")
        #expect(span.spanID == "0000000000000102")
        #expect(span.parentSpanID == "ffeeddccbbaa9988")
        #expect(span.kind == .client)
        #expect(span.startNS == 1_795_193_683_000_000_002)
        #expect(span.durationNS == 7)
        #expect(span.statusError)
        #expect(span.statusMessage == "boom")
        #expect(span.attributes.map(\.value) == ["500", "0.5", "true", "", #"[1,"x"]"#, #"{"k":false}"#])
        #expect(span.events.first?.attributes == [.init("exception.type", "E")])
        #expect(span.links == [.init(traceID: "0123456789abcdef0123456789abcdef", spanID: "0000000000000103")])
    }

    @Test func hexIDsAndPlainNumbersAreRead() async throws {
        let answer = """
            {"trace":{"resourceSpans":[{"resource":{},"instrumentationLibrarySpans":[{"spans":[
            {"traceId":"0123456789abcdef0123456789abcdef","spanId":"00000000000001AB","parentSpanId":"0000000000000000",
            "name":"a","kind":5,"startTimeUnixNano":7,"endTimeUnixNano":6,"status":{"code":2}}]}]}]}}
            """
        let span = try #require(
            try await client(.ok, answer).trace(id: "0123456789abcdef0123456789abcdef")?.spans.first)
        #expect(span.traceID == "0123456789abcdef0123456789abcdef")
        #expect(span.spanID == "00000000000001AB", "ids are not corrected: a rule objects to them")
        #expect(span.parentSpanID == nil)
        #expect(span.kind == .consumer)
        #expect(span.service == "")
        #expect(span.statusError)
        #expect(span.durationNS == 0)
    }

    @Test(arguments: [
        (HTTPStatus.notFound, ""), (.notFound, "trace not found"), (.ok, #"{"trace":{}}"#), (.ok, #"{"batches":[]}"#),
    ])
    func anUnknownTraceIsNotFound(_ status: HTTPStatus, _ body: String) async throws {
        #expect(try await client(status, body).trace(id: "1") == nil)
    }

    @Test(arguments: [
        (HTTPStatus.notFound, "404 page not found", "answered 404: 404 page not found"),
        (.internalServerError, "", "answered 500"),
        (.ok, "<html>", "cannot be read: not valid JSON"),
        (.ok, #"{"batches":[{"scopeSpans":[{"spans":[{"name":"x"}]}]}]}"#, "a span without traceId or spanId"),
        (
            .ok, #"{"batches":[{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"2","endTimeUnixNano":"x"}]}]}]}"#,
            "expected times"
        ),
    ])
    func aFailedRequestIsReportedWithItsCause(_ status: HTTPStatus, _ body: String, _ message: String) async throws {
        let error = await #expect(throws: BackendError.self) { try await client(status, body).trace(id: "1") }
        #expect(error?.description.contains(message) == true)
        #expect(error?.description.hasPrefix("Tempo at http://tempo:3200: ") == true)
    }

    @Test func aMissingNumberIsReadAsZero() async throws {
        let body = """
            {"batches":[{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"2","startTimeUnixNano":"7"},
            {"traceId":"1","spanId":"3","kind":9223372036854775807}]}]}]}
            """
        let spans = try #require(try await client(.ok, body).trace(id: "1")).spans
        #expect(spans.map(\.startNS) == [0, 7])
        #expect(spans.map(\.endNS) == [0, 0])
        #expect(spans.map(\.kind) == [.unspecified, .unspecified])
    }

    @Test func aSearchIsNewestFirstAndPadsTheIDs() async throws {
        let transport = FakeTransport { _ in
            .init(
                .ok,
                """
                {"traces":[{"traceID":"1f","rootServiceName":"gateway","rootTraceName":"POST /v1/tasks",
                "startTimeUnixNano":"5","durationMs":12},{"traceID":"ABCD","startTimeUnixNano":"9"}],"metrics":{}}
                """)
        }
        let tempo = TempoClient(baseURL: "http://tempo:3200", transport: transport)
        let found = try await tempo.search("{ status = error }", in: 1..<2_000_000_001, limit: 3)
        #expect(
            found == [
                .init(traceID: String(repeating: "0", count: 28) + "abcd", startNS: 9),
                .init(
                    traceID: String(repeating: "0", count: 30) + "1f", rootService: "gateway",
                    rootName: "POST /v1/tasks", startNS: 5, durationMS: 12),
            ])
        let asked = try #require(transport.requests.first).query
        #expect(asked["q"] == "{ status = error } with (most_recent=true)")
        #expect(asked["start"] == "0" && asked["end"] == "3" && asked["limit"] == "3")
    }

    @Test(arguments: [#"{}"#, #"{"traces":[]}"#])
    func aSearchMayFindNoTrace(_ body: String) async throws {
        #expect(try await client(.ok, body).search("{ }", in: 0..<1, limit: 1).isEmpty)
    }

    @Test(arguments: [#"[]"#, #"{"traces":[{"traceID":"xyz"}]}"#, #"{"traces":[{}]}"#])
    func aMalformedSearchResultIsAnError(_ body: String) async throws {
        let error = await #expect(throws: BackendError.self) {
            try await client(.ok, body).search("{ }", in: 0..<1, limit: 1)
        }
        #expect(error?.description.contains("cannot be read") == true)
    }

    @Test func anUnreachableTempoIsReported() async throws {
        let tempo = TempoClient(
            baseURL: "http://tempo:3200/",
            transport: FakeTransport { _ in throw HTTPClientError.connectFailed("refused") })
        let error = await #expect(throws: BackendError.self) { try await tempo.trace(id: "1") }
        #expect(error?.description == "Tempo at http://tempo:3200: could not connect: refused")
    }
}
