import Encoding
import HTTP
import Logging
import Testing
import TraceContext
import Vocabulary

@testable import PocketConsole
@testable import QuerySupport

@Suite("The console's pages") struct ConsoleTests {
    private static let attack = #"<script>alert("1")</script>' onload='x"#
    /// The escaped form of the attack that a page may show.
    private static let harmless = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x"

    @Test func interpolatedTextIsEscapedInHTML() {
        let name = Self.attack
        let render: HTML = "<b title=\"\(name)\">\(3)</b>"
        let outer: HTML = "<p>\(render)\([render, render])</p>"
        let one = "<b title=\"\(Self.harmless)\">3</b>"
        #expect(outer.text == "<p>\(one)\(one)\(one)</p>")
        let control: HTML = "\("a\u{0}b&amp;\u{1B}")"
        #expect(control.text == "a\u{FFFD}b&amp;amp;\u{FFFD}")
    }

    @Test(arguments: ["/", "/traces?query={}", "/logs", "/trace/4bf92f3577b34da6a3ce929d0e0e4736"])
    func spansAndLinesCannotInjectMarkup(uri: String) async throws {
        try await ConsoleFixture.run { (console) async throws in
            let span = TraceFixture.span(
                trace: TraceFixture.traceID, id: "00f067aa0ba902b7", name: Self.attack,
                attributes: [Self.attack.filter { $0 != "\"" }: Self.attack])
            #expect(try await console.traces.push(json: span).status == .ok)
            console.lokiAnswers(
                labels: [
                    "level": Self.attack, "service": Self.attack, "trace_id": TraceFixture.traceID,
                    "span_id": "00f067aa0ba902b7",
                ], line: JSONValue.object(["message": .string(Self.attack)]).description)
            let page = try await console.page(uri)
            #expect(!page.contains("<script>alert"))
            #expect(!page.contains("onload='x"))
            #expect(page.contains(Self.harmless))
        }
    }

    @Test func theSearchFieldShowsTheQueryEscaped() async throws {
        try await ConsoleFixture.run { (console) async throws in
            let query = #"{ name = "x" } "><img src=x>"#
            for path in ["/traces", "/logs"] {
                let page = try await console.page("\(path)?query=\(PercentEncoding.encode(query))")
                #expect(page.contains(#"value="{ name = &quot;x&quot; } &quot;&gt;&lt;img src=x&gt;""#))
                #expect(!page.contains("<img"))
            }
        }
    }

    @Test(arguments: ["/", "/traces", "/logs", "/trace/1"])
    func theContentSecurityPolicyForbidsForeignScripts(uri: String) async throws {
        try await ConsoleFixture.run { (console) async throws in
            let response = try await console.get(uri)
            let policy = response.headers["content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(response.headers["x-content-type-options"] == "nosniff")
            let page = String(decoding: response.body, as: UTF8.self)
            #expect(!page.contains("style=") && !page.contains("http://") && !page.contains("https://"))
        }
    }

    @Test func theTracePageShowsAWaterfallWithLogLines() async throws {
        try await ConsoleFixture.run { (console) async throws in
            _ = try await console.traces.push(json: TraceFixture.everything)
            console.lokiAnswers(
                labels: [
                    "level": "error", "service": "tasks", "trace_id": TraceFixture.traceID,
                    "span_id": "53995c3f42cd8ad8",
                ], line: #"{"message":"no such order"}"#)
            let page = try await console.page("/trace/\(TraceFixture.traceID)")
            let asked = try #require(console.asked.first)
            #expect(asked["query"] == #"{service_name=~".+"} | trace_id="\#(TraceFixture.traceID)""#)
            #expect(asked["start"] == "1795193051760487936" && asked["end"] == "1795193652010487936")
            // Parents come before their children.
            var order: [String.Index] = []
            for id in ["00f067aa0ba902b7", "53995c3f42cd8ad8", "b9c7c989f97918e1"] {
                order.append(try #require(page.firstRange(of: "<li id=\"span-\(id)\"")).lowerBound)
            }
            #expect(order == order.sorted())
            // The second span starts after a fifth of the trace and takes two fifths.
            #expect(page.contains(#"<rect x="200" y="3" width="400" height="10"/>"#))
            #expect(page.contains("starts after 50.00 ms, takes 100.00 ms"))
            #expect(page.contains("<a href=\"#span-53995c3f42cd8ad8\"><code>53995c3f42cd8ad8</code></a>"))
            #expect(page.contains("39.51 ms"), "the line's time within the trace")
            for text in ["no such order", "1 log line", "http.response.status_code", "boom", "250.00 ms", "exception"] {
                #expect(page.contains(text), "\(text)")
            }
        }
    }

    @Test func aLogLineLinksToItsSpan() async throws {
        try await ConsoleFixture.run { (console) async throws in
            console.lokiAnswers(
                labels: ["service": "gateway"],
                line:
                    #"{"message":"m","level":"info","trace_id":"\#(TraceFixture.traceID)","span_id":"00f067aa0ba902b7"}"#
            )
            let page = try await console.page("/logs")
            #expect(
                page.contains(
                    "<a href=\"/trace/\(TraceFixture.traceID)#span-00f067aa0ba902b7\"><code>4bf92f35…</code></a>"))
        }
    }

    @Test func aTraceWithoutItsRootIsNamedAfterItsEntrySpan() async throws {
        try await ConsoleFixture.run { (console) async throws in
            let ids = ["0000000000000009", "0000000000000001", "0000000000000002"]
            _ = try await console.traces.push(json: TraceFixture.span(id: ids[2], parent: ids[1], name: "below"))
            _ = try await console.traces.push(json: TraceFixture.span(id: ids[1], parent: ids[0], name: "entry"))
            let list = try await console.page("/traces")
            #expect(list.contains("</span> entry <small>(root not received)</small>"))
            let trace = try await console.page("/trace/0195af3c8d2e4b7f9a6c1e5d70f2b384")
            #expect(trace.contains("</span> entry</h1>") && trace.contains("caller has not been received"))
        }
    }

    @Test func theLogsPageShowsTheFieldsBesidesTheMessage() async throws {
        try await ConsoleFixture.run { (console) async throws in
            console.lokiAnswers(
                labels: ["service": "tasks"],
                line: #"{"level":"error","message":"m","version":"1","status":402,"error":{"type":"T"}}"#)
            let page = try await console.page("/logs")
            #expect(page.contains(#"m <small>status=402 error={&quot;type&quot;:&quot;T&quot;}</small>"#))
        }
    }

    @Test func extremeTimestampsAreShown() async throws {
        try await ConsoleFixture.run { (console) async throws in
            for (id, start, end) in [
                ("1", "18446744073709551615", "1"), ("2", "1", "18446744073709551615"), ("3", "0", "0"),
            ] {
                let span = #"""
                    {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000000\#(id)",
                    "spanId":"000000000000000\#(id)","name":"n","startTimeUnixNano":"\#(start)","endTimeUnixNano":
                    "\#(end)","events":[{"timeUnixNano":"18446744073709551615","name":"e"}]}]}]}]}
                    """#
                #expect(try await console.traces.push(json: span).status == .ok)
                #expect(try await console.page("/trace/\(id)").contains("<li id=\"span-000000000000000\(id)\""))
            }
            let list = try await console.page("/traces")
            #expect(list.contains("9223372036.85 s"))
            #expect(try await console.traces.search("{ event:timeSinceStart > 1s }")["traces"]?.array?.count == 2)
        }
    }

    /// Protobuf does not tell an absent number from 0.
    @Test func aSpanWithoutAnEndIsShownAsUnfinished() async throws {
        try await ConsoleFixture.run { (console) async throws in
            let spans = ["", #","endTimeUnixNano":"0""#, #","endTimeUnixNano":"1795193351000000000""#].enumerated().map
            {
                #"{"traceId":"\#(TraceFixture.traceID)","spanId":"000000000000000\#($0.offset + 1)","name":"n","startTimeUnixNano":"1795193351760487936"\#($0.element)}"#
            }
            let request = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#
            #expect(try await console.traces.push(json: request).status == .ok)
            let page = try await console.page("/trace/\(TraceFixture.traceID)")
            #expect(page.components(of: ">unfinished<") == 2)
            #expect(page.components(of: ">ends before it starts<") == 1)
            #expect(page.components(of: "<span class=\"number\">–</span>") == 3)
        }
    }

    @Test func aTraceIDOrItsPrefixLeadsToTheTrace() async throws {
        try await ConsoleFixture.run { (console) async throws in
            _ = try await console.traces.push(json: TraceFixture.everything)
            _ = try await console.traces.push(json: TraceFixture.span())
            for path in ["/traces?query=", "/logs?query="] {
                for text in [TraceFixture.traceID, "4BF92F35", "%204bf9%20", "4bf92f3577b34da6a3ce"] {
                    let response = try await console.get(path + text)
                    #expect(response.status.code == 303, "\(path)\(text)")
                    #expect(response.headers["location"] == "/trace/\(TraceFixture.traceID)")
                }
                // Tempo writes ids without leading zeros.
                let short = try await console.get(path + "195af3c8d2e4b7f9a6c1e5d70f2b384")
                #expect(short.headers["location"] == "/trace/0195af3c8d2e4b7f9a6c1e5d70f2b384")
                #expect(
                    try await console.page(path + "4bf92f3577b34da6a3cf").contains(
                        "There is no trace whose id begins with"))
            }
            #expect(try await console.get("/trace/4bf92f35").headers["location"] == "/trace/\(TraceFixture.traceID)")
            _ = try await console.traces.push(json: TraceFixture.span(trace: "4bf92f35000000000000000000000001"))
            let several = try await console.page("/traces?query=4bf92f35")
            #expect(several.contains("<a href=\"/trace/\(TraceFixture.traceID)\">"))
            #expect(several.contains("<a href=\"/trace/4bf92f35000000000000000000000001\">"))
            #expect(try await console.get("/trace/4bf92f35").status == .notFound)
        }
    }

    /// The trace page also shows lines that another service sends over OTLP.
    @Test func theTracePageShowsTheLinesOfAllStreams() async throws {
        let loki = try await PocketFixture()
        let time = PocketFixture.start
        let record =
            #"{"timeUnixNano":"\#(time)","body":{"stringValue":"sold out"},"traceId":"\#(TraceFixture.traceID)"}"#
        let logs =
            #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"py-shop"}}]},"scopeLogs":[{"logRecords":[\#(record)]}]}]}"#
        let request = Request(
            method: .post, uri: "/otlp/v1/logs", headers: ["content-type": "application/json"], body: Array(logs.utf8))
        #expect(try await loki.send(request).status == .noContent)
        let id = try #require(TraceID(TraceFixture.traceID))
        let lines = try await ConsoleLogs(loki: loki.responder, database: loki.database).lines(
            of: id, range: time - 10...time + 10, logger: .noOp)
        #expect(lines.map(\.message) == ["sold out"])
        #expect(lines.map(\.service) == ["py-shop"])
    }

    @Test func spansInAParentCycleAreShown() async throws {
        try await ConsoleFixture.run { (console) async throws in
            let ids = ["0000000000000001", "0000000000000002"]
            _ = try await console.traces.push(json: TraceFixture.span(id: ids[0], parent: ids[1]))
            _ = try await console.traces.push(json: TraceFixture.span(id: ids[1], parent: ids[0]))
            let page = try await console.page("/trace/0195af3c8d2e4b7f9a6c1e5d70f2b384")
            for id in ids { #expect(page.contains("<li id=\"span-\(id)\"")) }
        }
    }

    @Test func anUnknownTraceIsNotFound() async throws {
        try await ConsoleFixture.run { (console) async throws in
            for id in ["11111111111111111111111111111111", "xyz%3Cb%3E"] {
                let response = try await console.get("/trace/\(id)")
                #expect(response.status == .notFound)
                #expect(!String(decoding: response.body, as: UTF8.self).contains("<b>"))
            }
        }
    }

    @Test func aFailedQueryIsReportedOnThePage() async throws {
        try await ConsoleFixture.run { (console) async throws in
            let traces = try await console.page("/traces?query=%7Bstatus%3D")
            #expect(traces.contains("role=\"alert\"") && traces.contains("parse error at line 1, col 9"))
            console.lokiFails("parse error : syntax error")
            let logs = try await console.page("/logs?query=%7B")
            #expect(logs.contains("role=\"alert\"") && logs.contains("parse error : syntax error"))
            _ = try await console.traces.push(json: TraceFixture.span())
            let trace = try await console.page("/trace/0195af3c8d2e4b7f9a6c1e5d70f2b384")
            #expect(trace.contains("The log lines could not be read: parse error"))
        }
    }

    @Test func aServiceThatDoesNotAnswerIsShownAsDown() async throws {
        // Port 9 (discard) has no listener.
        try await ConsoleFixture.run(services: [.gateway: "http://127.0.0.1:9"]) { (console) async throws in
            let page = try await console.page("/")
            #expect(page.contains("<li class=\"down\"><b>gateway</b>"))
            #expect(page.contains("No trace fits") && page.contains("No log lines yet"))
        }
    }

    @Test func theHealthEndpointAnswersLikeGrafanas() async throws {
        try await ConsoleFixture.run { (console) async throws in
            #expect(try await console.page("/api/health") == #"{"database":"ok","version":"pocket"}"#)
        }
    }
}

extension String {
    /// How often `text` stands in it.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }

    /// The cost of a page is bounded, and the reader is told when it is too high.
    @Test(arguments: [
        (QueryBudget.Limits(steps: 1), HTTPStatus.unprocessableContent, "too much work"),
        (QueryBudget.Limits(time: .zero), .serviceUnavailable, "took longer"),
    ])
    func aTraceBeyondTheBudgetIsNotDrawn(budget: QueryBudget.Limits, status: HTTPStatus, text: String) async throws {
        try await ConsoleFixture.run(budget: budget) { console in
            let spans = (1...300).map {
                #"{"traceId":"\#(TraceFixture.traceID)","spanId":"\#(Hex.string(UInt64($0)))","name":"x"}"#
            }
            let body = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#
            #expect(try await console.traces.push(json: body).status == .ok)
            let answer = try await console.get("/trace/" + TraceFixture.traceID)
            #expect(answer.status == status)
            #expect(answer.text.contains(text))
        }
    }

    @Test(arguments: ["/logs", "/"])
    func longLinesAreTruncated(path: String) async throws {
        try await ConsoleFixture.run { console in
            let message = String(repeating: "é", count: 100_000)
            console.lokiAnswers(labels: ["service": "s"], line: #"{"message":"x\#(message)","more":"\#(message)"}"#)
            let page = try await console.page(path)
            #expect(page.contains("éé…") && page.contains("more=") && !page.contains("\u{FFFD}"))
            #expect(page.utf8.count < 20_000)
        }
    }
}
