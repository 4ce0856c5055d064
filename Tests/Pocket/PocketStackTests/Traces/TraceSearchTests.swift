import Encoding
import HTTP
import Testing

@Suite("Tempo's search") struct TraceSearchTests {
    /// The expected answers have the shape of Tempo 3.0.3, except for its metrics.
    @Test(arguments: [
        (
            #"{resource.service.name="gateway" && status=error}"#, 1,
            #"{"spanID":"00f067aa0ba902b7","startTimeUnixNano":"1795193351760487936","durationNanos":"250000000","attributes":[{"key":"service.name","value":{"stringValue":"gateway"}},{"key":"status","value":{"stringValue":"error"}}]}"#,
            ""
        ),
        (
            #"{name=~"GET.*"}"#, 1,
            #"{"spanID":"00f067aa0ba902b7","name":"GET /v1/tasks/{id}","startTimeUnixNano":"1795193351760487936","durationNanos":"250000000"}"#,
            ""
        ),
        (
            #"{span.cached=false && span.ratio=0.5 && span.rows=nil}"#, 1,
            #"{"spanID":"00f067aa0ba902b7","startTimeUnixNano":"1795193351760487936","durationNanos":"250000000","attributes":[{"key":"cached","value":{"boolValue":false}},{"key":"ratio","value":{"doubleValue":0.5}},{"key":"rows","value":{"stringValue":"nil"}}]}"#,
            ""
        ),
        (
            #"{resource.service.name="tasks"} | count() > 1"#, 2,
            #"{"spanID":"53995c3f42cd8ad8","startTimeUnixNano":"1795193351810488064","durationNanos":"100000000","attributes":[{"key":"service.name","value":{"stringValue":"tasks"}}]},{"spanID":"b9c7c989f97918e1","startTimeUnixNano":"1795193351820487936","durationNanos":"10000000","attributes":[{"key":"service.name","value":{"stringValue":"tasks"}}]}"#,
            #","attributes":[{"key":"count()","value":{"intValue":"2"}}]"#
        ),
        (
            #"{span.request_id="r-17"} | select(span.list, kind, event:name)"#, 1,
            #"{"spanID":"00f067aa0ba902b7","startTimeUnixNano":"1795193351760487936","durationNanos":"250000000","attributes":[{"key":"request_id","value":{"stringValue":"r-17"}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}},{"key":"kind","value":{"stringValue":"server"}},{"key":"event:name","value":{"stringValue":"exception"}}]}"#,
            ""
        ),
    ])
    func aSearchAnswersTheMatchingSpans(query: String, matched: Int, spans: String, attributes: String) async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let answer = try await tempo.search(query)
        let set = #"{"spans":[\#(spans)],"matched":\#(matched)\#(attributes)}"#
        let expected = #"""
            [{"traceID":"4bf92f3577b34da6a3ce929d0e0e4736","rootServiceName":"gateway","rootTraceName":"GET /v1/tasks/{id}","startTimeUnixNano":"1795193351760487936","durationMs":250,"spanSet":\#(set),"spanSets":[\#(set)],"serviceStats":{"gateway":{"spanCount":1,"errorCount":1},"tasks":{"spanCount":2}}}]
            """#
        #expect(answer["traces"]?.description == expected)
    }

    @Test(arguments: [
        ("{}", true), ("{ status = error }", true), ("{ kind = server && duration > 200ms }", true),
        ("{ traceDuration > 200ms }", true), ("{ traceDuration > 300ms }", false),
        ("{ rootServiceName = \"gateway\" && name = \"render\" }", true), ("{ rootName = \"render\" }", false),
        ("{ trace:id = \"4bf92f3577b34da6a3ce929d0e0e4736\" }", true), ("{ span:id = \"b9c7c989f97918e1\" }", true),
        ("{ span:parentID = \"53995c3f42cd8ad8\" }", true), ("{ span:childCount = 1 && kind = client }", true),
        ("{ .service.version = \"1.0\" }", true), ("{ .request_id = \"r-17\" }", true),
        ("{ resource.request_id = \"r-17\" }", false), ("{ event.exception.type = \"E\" }", true),
        ("{ link.why = \"retry\" }", true), ("{ link:traceID = \"0195af3c8d2e4b7f9a6c1e5d70f2b384\" }", true),
        ("{ event:timeSinceStart = 100ms }", true), ("{ instrumentation:version = \"0.1.0\" }", true),
        ("{ statusMessage = \"boom\" }", true), ("{ span.raw = \"0001ff\" }", true),
        ("{ span.map =~ `.*\"n\".*` && span.raw != nil }", true), ("{ span.empty = \"\" }", true),
        ("{ kind = server } >> { name = \"render\" }", true), ("{ name = \"render\" } >> { kind = server }", false),
        ("{ resource.service.name = \"gateway\" } && { resource.service.name = \"tasks\" }", true),
        ("{ resource.service.name = \"gateway\" } && { resource.service.name = \"nobody\" }", false),
        ("{ resource.service.name = \"nobody\" } || { status = ok }", true), ("{ span.nope = 1 }", false),
        ("{ name =~ \"SELECT .*\" && span.rows >= 3 }", true),
    ])
    func aSearchFindsTheTraceOnlyWhenTheQueryMatches(query: String, expected: Bool) async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        #expect(try await tempo.search(query)["traces"]?.array?.count == (expected ? 1 : 0))
    }

    /// Ten traces of one span, a minute apart, the last one the newest.
    private func tenTraces() async throws -> TraceFixture {
        let tempo = try await TraceFixture()
        for index in 1...10 {
            let body = TraceFixture.span(
                trace: String(repeating: "0", count: 30) + String(index + 10), name: "span \(index)",
                start: 1_795_000_000_000_000_000 + UInt64(index) * 60_000_000_000, milliseconds: UInt64(index) * 100,
                status: index == 3 ? 2 : 0, attributes: ["index": "\(index)", "quoted": "a b"])
            #expect(try await tempo.push(json: body).status == .ok)
        }
        return tempo
    }

    private func names(_ answer: JSONValue) -> [String] {
        (answer["traces"]?.array ?? []).map { $0["rootTraceName"]?.string ?? "" }
    }

    @Test func theNewestTracesComeFirstUpToTheLimit() async throws {
        let tempo = try await tenTraces()
        #expect(names(try await tempo.search("{}", "&limit=3")) == ["span 10", "span 9", "span 8"])
        #expect(names(try await tempo.search("{ span.index =~ `[1-4]` }", "&limit=2")) == ["span 4", "span 3"])
    }

    @Test func theSearchKeepsToItsTimeRange() async throws {
        let tempo = try await tenTraces()
        #expect(names(try await tempo.search("{}", "&start=1795000120&end=1795000200")) == ["span 3", "span 2"])
        let none = try await tempo.search("{}", "&start=1&end=2")
        #expect(none["traces"] == .array([]))
    }

    @Test func theOlderSearchParametersAreUnderstood() async throws {
        let tempo = try await tenTraces()
        func search(_ parameters: String) async throws -> JSONValue {
            try JSONValue(parsing: try await tempo.get("/api/search?\(parameters)").body)
        }
        let all = try await search("")
        #expect(names(all).count == 10)
        #expect(all["traces"]?[0]?["spanSets"] == nil)
        #expect(names(try await search("tags=index%3D4")) == ["span 4"])
        #expect(names(try await search("tags=service.name%3Dpayments+status%3Derror")) == ["span 3"])
        #expect(names(try await search("tags=quoted%3D%22a+b%22+index%3D5")) == ["span 5"])
        #expect(names(try await search("minDuration=850ms")) == ["span 10", "span 9"])
        #expect(names(try await search("maxDuration=200ms")) == ["span 2", "span 1"])
    }

    @Test func aTraceWithoutItsRootIsMarked() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.span(parent: "7085d31e4a9fbc00"))
        let trace = try await tempo.search("{}")["traces"]?[0]
        #expect(trace?["rootServiceName"] == "<root span not yet received>")
        #expect(trace?["rootTraceName"] == nil)
        #expect(trace?["traceID"] == "195af3c8d2e4b7f9a6c1e5d70f2b384")
    }

    @Test func tagNamesAreListed() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let first = try JSONValue(parsing: try await tempo.get("/api/search/tags").body)
        #expect(
            first["tagNames"]?.description
                == #"["cached","db.system","empty","exception.message","exception.type","http.request.method","http.response.status_code","list","map","nums","ratio","raw","request_id","rows","service.name","service.version","why"]"#
        )
        let span = try JSONValue(parsing: try await tempo.get("/api/v2/search/tags?scope=span").body)
        #expect(
            span["scopes"]?.description
                == #"[{"name":"span","tags":["cached","db.system","empty","http.request.method","http.response.status_code","list","map","nums","ratio","raw","request_id","rows"]}]"#
        )
        let filtered = try JSONValue(
            parsing: try await tempo.get(
                "/api/v2/search/tags?q=" + PercentEncoding.encode(#"{resource.service.name="tasks"}"#)
            ).body)
        let scopes = filtered["scopes"]?.array ?? []
        #expect(scopes.map { $0["name"]?.string } == ["intrinsic", "resource", "span"])
        #expect(scopes.last?["tags"]?.description == #"["db.system","rows"]"#)
    }

    @Test(arguments: [
        (
            "v2/search/tag/resource.service.name",
            #"[{"type":"string","value":"gateway"},{"type":"string","value":"tasks"}]"#
        ),
        ("v2/search/tag/span.http.response.status_code", #"[{"type":"int","value":"500"}]"#),
        ("v2/search/tag/span.cached", #"[{"type":"bool","value":"false"}]"#),
        ("v2/search/tag/span.ratio", #"[{"type":"float","value":"0.5"}]"#),
        ("v2/search/tag/span.list", #"[{"type":"string","value":"a"},{"type":"string","value":"b"}]"#),
        ("v2/search/tag/span.nope", "[]"), ("v2/search/tag/duration", "[]"),
        ("v2/search/tag/rootServiceName", #"[{"type":"string","value":"gateway"}]"#),
        (
            "v2/search/tag/status",
            #"[{"type":"keyword","value":"unset"},{"type":"keyword","value":"ok"},{"type":"keyword","value":"error"}]"#
        ),
        ("search/tag/service.name", #"["gateway","tasks"]"#), ("search/tag/rows", #"["3"]"#),
        ("search/tag/name", #"["GET /v1/tasks/{id}","SELECT tasks","render"]"#),
    ])
    func tagValuesAreListed(path: String, expected: String) async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let answer = try JSONValue(parsing: try await tempo.get("/api/\(path)/values").body)
        #expect(answer["tagValues"]?.description == expected)
    }

    @Test func tagValuesAreFilteredAndLimited() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.everything)
        let path = "/api/v2/search/tag/resource.service.name/values"
        let failed = try JSONValue(parsing: try await tempo.get(path + "?q=%7Bstatus%3Derror%7D").body)
        #expect(failed["tagValues"]?.description == #"[{"type":"string","value":"gateway"}]"#)
        let one = try JSONValue(parsing: try await tempo.get(path + "?limit=1").body)
        #expect(one["tagValues"]?.array?.count == 1)
        let halfWritten = try JSONValue(parsing: try await tempo.get(path + "?q=%7Bstatus%3D").body)
        #expect(halfWritten["tagValues"]?.array?.count == 2)
    }
}
