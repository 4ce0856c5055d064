import Encoding
import HTTP
import Testing

@Suite("Loki's query endpoints") struct LokiQueryTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    /// Two services, five lines in ten seconds, two of them of one trace.
    private func filled() async throws -> PocketFixture {
        let fixture = try await PocketFixture()
        _ = try await fixture.push(
            [("service", "gateway"), ("level", "info")],
            [
                (0, #"{"status":200,"path":"/a"}"#, [("trace_id", Self.trace), ("span_id", "b7ad6b7169203331")]),
                (2, #"{"status":201,"path":"/b"}"#, [("trace_id", "other")]), (4, "plain", []),
            ])
        _ = try await fixture.push([("service", "gateway"), ("level", "error")], [(6, #"{"status":500}"#, [])])
        _ = try await fixture.push(
            [("service", "tasks"), ("level", "info")], [(8, "msg=done ms=15", [("trace_id", Self.trace)])])
        fixture.clock.advance(seconds: 10)
        return fixture
    }

    @Test func linesAreAnsweredNewestFirst() async throws {
        let fixture = try await filled()
        let answer = try await fixture.query(#"{service="gateway", level="info"} |= "path""#, [("limit", "1")])
        #expect(answer.headers["content-type"] == "application/json; charset=UTF-8")
        let time = PocketFixture.start + 2_000_000_000
        let stream = """
            {"status":"success","data":{"resultType":"streams","result":[{"stream":{"detected_level":"info",\
            "level":"info","service":"gateway","service_name":"gateway","trace_id":"other"},\
            "values":[["\(time)","{\\"status\\":201,\\"path\\":\\"/b\\"}"]]}],"stats":{"summary":{
            """
        #expect(answer.text.hasPrefix(stream))
        let forward = try await fixture.query(#"{service="gateway"}"#, [("limit", "1"), ("direction", "FORWARD")])
        #expect(forward.lines == [#"{"status":200,"path":"/a"}"#])
    }

    @Test(arguments: [
        (#"{service="gateway"}"#, 4), (#"{service=~"gate.*|tasks"}"#, 5), (#"{service=~".+", level!="info"}"#, 1),
        (#"{service=~".+"} | trace_id="0af7651916cd43dd8448eb211c80319c""#, 2),
        (#"{service="tasks"} | trace_id="other""#, 0),
        (#"{service=~".+"} | trace_id!="" | span_id="b7ad6b7169203331""#, 1),
        (#"{service=~".+"} |= "status" | json | status >= 500"#, 1),
        (#"{service="tasks"} | logfmt | ms < 100"#, 1), (#"{service=~".+"} | detected_level="error""#, 1),
        (#"{nobody="x"}"#, 0), (#"{service=~".+", absent=""}"#, 5), (#"{service!~"gate.+", level="info"}"#, 1),
    ])
    func aQuerySelectsTheMatchingLines(query: String, count: Int) async throws {
        let fixture = try await filled()
        #expect(try await fixture.query(query).lines.count == count)
    }

    @Test func labelsAreCategorizedOnRequest() async throws {
        let fixture = try await filled()
        let headers: HTTPFields = ["x-loki-response-encoding-flags": "categorize-labels"]
        let answer = try await fixture.query(
            #"{service="gateway"} | json | status=200"#, headers: headers)
        #expect(answer.json["data"]?["encodingFlags"] == ["categorize-labels"])
        #expect(
            answer.result.first?.description == """
                {"stream":{"level":"info","service":"gateway","service_name":"gateway"},"values":[["\(PocketFixture.start)",\
                "{\\"status\\":200,\\"path\\":\\"/a\\"}",{"structuredMetadata":{"detected_level":"info",\
                "span_id":"b7ad6b7169203331","trace_id":"\(Self.trace)"},"parsed":{"path":"/a","status":"200"}}]]}
                """)
    }

    @Test func linesCloserThanTheIntervalAreLeftOut() async throws {
        let fixture = try await filled()
        let parameters = [("interval", "3s"), ("direction", "forward")]
        let answer = try await fixture.query(#"{service="gateway", level="info"} | drop trace_id, span_id"#, parameters)
        #expect(answer.lines == [#"{"status":200,"path":"/a"}"#, "plain"])
    }

    @Test(arguments: [
        (PocketFixture.start + 2_000_000_000, PocketFixture.start + 4_000_000_000, 1),
        (PocketFixture.start + 2_000_000_001, PocketFixture.start + 4_000_000_001, 1),
        (PocketFixture.start, PocketFixture.start + 1, 1),
    ])
    func theRangeIncludesItsStartButNotItsEnd(start: UInt64, end: UInt64, count: Int) async throws {
        let fixture = try await filled()
        let answer = try await fixture.query(
            #"{service="gateway"}"#, [("start", String(start)), ("end", String(end))])
        #expect(answer.lines.count == count)
    }

    @Test(arguments: [
        ("1795190400", "1795190402"), ("1795190400.0", "1795190402.0"),
        ("2026-11-20T16:00:00Z", "2026-11-20T17:00:02+01:00"),
        ("1795190400000000000", "1795190402000000000"),
    ])
    func timesAreReadInEveryFormat(start: String, end: String) async throws {
        let fixture = try await filled()
        let answer = try await fixture.query(#"{service="gateway"}"#, [("start", start), ("end", end)])
        #expect(answer.lines == [#"{"status":200,"path":"/a"}"#])
    }

    @Test func parametersAreReadFromAForm() async throws {
        let fixture = try await filled()
        fixture.clock.advance(seconds: 60)
        let form = "query=" + PercentEncoding.encode(#"{service="tasks"}"#) + "&since=2m"
        let request = Request(
            method: .post, uri: "/loki/api/v1/query_range",
            headers: ["content-type": "application/x-www-form-urlencoded"], body: Array(form.utf8))
        #expect(try await fixture.send(request).lines == ["msg=done ms=15"])
    }

    /// Recorded from Loki 3.6.15.
    @Test(
        arguments: [
            ([("limit", "abc")], "strconv.Atoi: parsing \"abc\": invalid syntax"),
            ([("limit", "0")], "limit must be a positive value"),
            (
                [("limit", "5001")],
                "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)"
            ),
            ([("direction", "sideways")], "invalid direction 'sideways'"),
            (
                [("start", "abc")],
                "could not parse 'start' parameter: strconv.ParseInt: parsing \"abc\": invalid syntax"
            ),
            ([("end", "abc")], "could not parse 'end' parameter: strconv.ParseInt: parsing \"abc\": invalid syntax"),
            ([("start", "20"), ("end", "10")], "end timestamp must not be before or equal to start time"),
            ([("step", "abc")], "cannot parse \"abc\" to a valid duration"),
            ([("step", "0")], "zero or negative query resolution step widths are not accepted. Try a positive integer"),
            (
                [("step", "0.1")],
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter"
            ),
            (
                [("start", "1791737683"), ("end", "1795193683")],
                "the query time range exceeds the limit (query length: 960h0m0s, limit: 30d1h)"
            ),
        ] as [([(String, String)], String)])
    func invalidParametersAreRefused(parameters: [(String, String)], message: String) async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.query(#"{service="gateway"}"#, parameters)
        #expect(answer.status == .badRequest)
        #expect(answer.text == message)
        #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
    }

    @Test func invalidQueriesAreRefusedInLokisWords() async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.query(#"{service="gateway""#)
        #expect(answer.status == .badRequest)
        #expect(answer.text == "parse error at line 1, col 19: syntax error: unexpected $end, expecting } or ,")
        let unsupported = try await fixture.query(#"{a="b"} | unpack"#)
        #expect(unsupported.status == .badRequest)
        #expect(unsupported.text == "pocket stack: `unpack` is not supported")
    }

    @Test func labelsAndSeriesAreListed() async throws {
        let fixture = try await filled()
        #expect(
            try await fixture.get("/loki/api/v1/labels").text
                == #"{"status":"success","data":["level","service","service_name"]}"#)
        #expect(
            try await fixture.get("/loki/api/v1/label/service/values", [("query", #"{level="error"}"#)]).text
                == #"{"status":"success","data":["gateway"]}"#)
        #expect(try await fixture.get("/loki/api/v1/label/nope/values").text == #"{"status":"success"}"#)
        let series = try await fixture.get(
            "/loki/api/v1/series", [("match[]", #"{level="error"}"#), ("match[]", #"{service="tasks"}"#)])
        #expect(
            series.text == """
                {"status":"success","data":[{"level":"error","service":"gateway","service_name":"gateway"},\
                {"level":"info","service":"tasks","service_name":"tasks"}]}
                """)
        let none = try await fixture.get("/loki/api/v1/series", [("match[]", #"{service="nobody"}"#)])
        #expect(none.text == #"{"status":"success","data":[]}"#)
        let bad = try await fixture.get("/loki/api/v1/series", [("match[]", "{service=")])
        #expect(bad.text == "parse error at line 1, col 10: syntax error: unexpected $end, expecting STRING")
    }

    @Test func labelsOutsideTheRangeAreNotListed() async throws {
        let fixture = try await filled()
        fixture.clock.advance(seconds: 7200)
        #expect(try await fixture.get("/loki/api/v1/labels").text == #"{"status":"success"}"#)
        let answer = try await fixture.get("/loki/api/v1/labels", [("since", "3h")])
        #expect(answer.json["data"] == ["level", "service", "service_name"])
    }

    @Test func theStatusEndpointsAnswerLikeLokis() async throws {
        let fixture = try await PocketFixture()
        #expect(try await fixture.get("/ready").text == "ready\n")
        #expect(try await fixture.get("/loki/api/v1/status/buildinfo").json["version"] == "3.6.0")
        #expect(try await fixture.get("/loki/api/v1/tail").status == .notImplemented)
    }

    @Test func aClosedStoreAnswers503() async throws {
        let fixture = try await PocketFixture()
        await fixture.close()
        #expect(try await fixture.query(#"{a="b"}"#).status == .serviceUnavailable)
    }
}
