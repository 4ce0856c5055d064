import Encoding
import HTTP
import Testing

@testable import PocketStore

/// The numbers are what Tempo 3.0 answers for the same spans.
@Suite("TraceQL metrics") struct TraceMetricsTests {
    /// A whole minute.
    private static let base: UInt64 = 1_795_203_060

    /// A trace every ten seconds for four minutes, of a span each in `gateway`, `tasks` and `payments`.
    private func filled() async throws -> TraceFixture {
        let tempo = try await TraceFixture(clock: MovableClock((Self.base + 300) * 1_000_000_000).wallClock)
        let names = ["POST /v1/tasks", "POST /v1/executions", "hold"]
        let batches = ["gateway", "tasks", "payments"].enumerated().map { place, service in
            let spans = (0..<24).map { Self.span($0, place, names[place]) }.joined(separator: ",")
            return #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(service)"}}]},"#
                + #""scopeSpans":[{"spans":[\#(spans)]}]}"#
        }
        let body = #"{"resourceSpans":[\#(batches.joined(separator: ","))]}"#
        #expect(try await tempo.push(json: body).status == .ok)
        return tempo
    }

    private static func span(_ trace: Int, _ place: Int, _ name: String) -> String {
        let start = base * 1_000_000_000 + UInt64(trace) * 10_000_000_000 + 250_000_000 + UInt64(place) * 1_000_000
        let duration = UInt64(5 + trace * 3 + place * 7) * 1_000_000 + UInt64(trace % 5) * 123_457
        let isError = trace % 6 == 0
        func id(_ place: Int) -> String { Hex.string(0x1100_0000_0000_0000 + UInt64(trace) << 8 + UInt64(place) + 1) }
        let fault = trace % 4 == 0 ? #",{"key":"fault.kind","value":{"stringValue":"latency"}}"# : ""
        return #"""
            {"traceId":"0abc000000000000\#(Hex.string(UInt64(trace + 1)))","spanId":"\#(id(place))",
            "parentSpanId":"\#(place > 0 ? id(place - 1) : "")","name":"\#(name)","kind":\#(place < 2 ? 2 : 3),
            "startTimeUnixNano":"\#(start)","endTimeUnixNano":"\#(start + duration)",
            "attributes":[{"key":"code","value":{"intValue":"\#(isError ? 500 : 200)"}},
            {"key":"amount","value":{"doubleValue":\#(Double(trace) * 1.5)}},
            {"key":"cached","value":{"boolValue":\#(trace % 2 == 0)}}\#(fault)],
            "status":{"code":\#(isError ? 2 : place == 0 ? 1 : 0)}}
            """#
    }

    private func range(_ query: String, _ tempo: TraceFixture, _ more: String = "&step=60s") async throws -> Response {
        try await tempo.get(
            "/api/metrics/query_range?q=\(PercentEncoding.encode(query))&start=\(Self.base)&end=\(Self.base + 240)\(more)"
        )
    }

    /// `labels: numbers`, a `-` where there is none; numbers that are not exact are cut to nine digits.
    private func rows(_ response: Response, steps: Int = 5) -> [String] {
        (response.json["series"]?.array ?? []).map { series in
            let labels = (series["labels"]?.array ?? []).map { label in
                let value = label["value"]?.object?.members.first
                return "\(label["key"]?.string ?? "")=\(value?.value.string ?? value?.value.description ?? "")"
            }
            var numbers = Array(repeating: "-", count: steps)
            for sample in series["samples"]?.array ?? [] {
                let time = UInt64(sample["timestampMs"]?.string ?? "") ?? 0
                let step = Int(time / 1000 - Self.base) / 60
                numbers[step] = Self.text(sample["value"]?.double ?? 0)
            }
            return labels.joined(separator: ",") + ": " + numbers.joined(separator: " ")
        }
    }

    private static func text(_ value: Double) -> String {
        let rounded = (value * 1e9).rounded() / 1e9
        return rounded == rounded.rounded() ? String(Int(rounded)) : rounded.description
    }

    @Test(
        arguments: [
            ("{} | rate()", ["__name__=rate: 0 0.3 0.3 0.3 0.3"]),
            (
                "{} | rate() by (resource.service.name)",
                [
                    "resource.service.name=gateway: 0 0.1 0.1 0.1 0.1",
                    "resource.service.name=payments: 0 0.1 0.1 0.1 0.1",
                    "resource.service.name=tasks: 0 0.1 0.1 0.1 0.1",
                ]
            ),
            (
                "{ status = error } | rate() by (resource.service.name, status) | topk(1)",
                [
                    "resource.service.name=gateway,status=error: "
                        + "0 0.016666667 0.016666667 0.016666667 0.016666667"
                ]
            ),
            (#"{ resource.service.name = "nobody" } | rate()"#, ["__name__=rate: 0 0 0 0 0"]),
            (#"{ resource.service.name = "nobody" } | rate() by (name)"#, []),
            ("{} | count_over_time() by (span.code)", ["span.code=200: 0 15 15 15 15", "span.code=500: 0 3 3 3 3"]),
            (
                "{} | count_over_time() by (span.cached)",
                ["span.cached=false: 0 9 9 9 9", "span.cached=true: 0 9 9 9 9"]
            ),
            (
                "{} | count_over_time() by (.fault.kind)",
                [".fault.kind=latency: 0 6 3 6 3", ".fault.kind=nil: 0 12 15 12 15"]
            ),
            (
                "{ kind = client } | count_over_time() by (span:name, span.fault.kind)",
                ["name=hold: 0 4 5 4 5", "name=hold,span.fault.kind=latency: 0 2 1 2 1"]
            ),
            ("{} | count_over_time() by (trace:rootService)", ["rootServiceName=gateway: 0 18 18 18 18"]),
            ("{} | min_over_time(duration)", ["__name__=min_over_time: - 0.005 0.023123457 0.041246914 0.059370371"]),
            (
                "{ kind = client } | max_over_time(duration) by (resource.service.name)",
                ["resource.service.name=payments: - 0.034 0.052123457 0.070246914 0.088370371"]
            ),
            (
                "{} | avg_over_time(duration)",
                ["__name__=avg_over_time: - 0.019705762 0.037726338 0.055746914 0.07376749"]
            ),
            (
                "{ kind = client } | avg_over_time(span.amount) by (name)", ["name=hold: - 3.75 12.75 21.75 30.75"]
            ),
            ("{} | sum_over_time(span.code)", ["__name__=sum_over_time: - 4500 4500 4500 4500"]),
            ("{} | sum_over_time(span.nope)", []), ("{} | sum_over_time(span.fault.kind)", []),
            (
                "{} | quantile_over_time(duration, .5, .99)",
                [
                    "p=0.5: 0 0.020268378 0.039903169 0.049554062 0.085958851",
                    "p=0.99: 0 0.067108864 0.067108864 0.134217728 0.134217728",
                ]
            ),
            (
                "{ kind = client } | quantile_over_time(duration, 0.9) by (name)",
                ["name=hold,p=0.9: 0 0.067108864 0.067108864 0.134217728 0.134217728"]
            ),
            (
                "{} | quantile_over_time(span.code, 0, .5)",
                [
                    "p=0: 0 134.053647721 134.053647721 134.053647721 134.053647721",
                    "p=0.5: 0 194.011720513 194.011720513 194.011720513 194.011720513",
                ]
            ),
            ("{} | quantile_over_time(span.amount, .5)", []),
            (
                "{} | histogram_over_time(duration)",
                [
                    "__bucket=0.008388608: 0 2 0 0 0", "__bucket=0.016777216: 0 4 0 0 0",
                    "__bucket=0.033554432: 0 11 6 0 0", "__bucket=0.067108864: 0 1 12 16 4",
                    "__bucket=0.134217728: 0 0 0 2 14",
                ]
            ),
            (
                "{} | count_over_time() by (span.amount) | topk(1)",
                [
                    "span.amount=7.5: - 3 - - -", "span.amount=16.5: - - 3 - -", "span.amount=25.5: - - - 3 -",
                    "span.amount=34.5: 0 - - - 3",
                ]
            ),
            (
                "{} | sum_over_time(duration) by (name) | bottomk(1)",
                ["name=POST /v1/tasks: - 0.07623457 0.184358027 0.292481484 0.400604941"]
            ),
            ("{} | rate() by (name) > 0.1", []),
            (
                "{} | count_over_time() by (name) > 5 | topk(1)", ["name=POST /v1/executions: - 6 6 6 6"]
            ),
            ("{} | by(resource.service.name) | count() > 0 | rate()", ["__name__=rate: 0 0.3 0.3 0.3 0.3"]),
            ("{} | count() > 3 | rate()", ["__name__=rate: 0 0 0 0 0"]),
            (
                #"{ resource.service.name = "gateway" } >> {} | rate() by (resource.service.name)"#,
                [
                    "resource.service.name=payments: 0 0.1 0.1 0.1 0.1",
                    "resource.service.name=tasks: 0 0.1 0.1 0.1 0.1",
                ]
            ),
            ("{ traceDuration > 85ms } | count_over_time()", ["__name__=count_over_time: 0 0 0 0 6"]),
            ("{} | rate() with (sample=true)", ["__name__=rate: 0 0.3 0.3 0.3 0.3"]),
        ] as [(String, [String])])
    func aMetricsQueryComputesItsSeries(query: String, expected: [String]) async throws {
        let response = try await range(query, try await filled())
        #expect(response.status == .ok)
        #expect(rows(response) == expected)
    }

    @Test(
        arguments: [
            (
                "{} | rate()",
                #"{"series":[{"labels":[{"key":"__name__","value":{"stringValue":"rate"}}],"value":0.3}],"metrics":{"#
            ),
            (
                "{} | count_over_time() by (span.code)",
                #"{"series":[{"labels":[{"key":"span.code","value":{"intValue":"200"}}],"value":60},"#
                    + #"{"labels":[{"key":"span.code","value":{"intValue":"500"}}],"value":12}],"metrics":{"#
            ),
            (
                "{} | quantile_over_time(duration, .99)",
                #"{"series":[{"labels":[{"key":"p","value":{"doubleValue":0.99}}],"value":0.134217728}],"metrics":{"#
            ),
            (
                "{ name = `no` } | rate()",
                #"{"series":[{"labels":[{"key":"__name__","value":{"stringValue":"rate"}}]}],"metrics":{"#
            ),
            ("{} | sum_over_time(span.nope)", #"{"metrics":{"#),
        ] as [(String, String)])
    func anInstantQueryAnswersOneValue(query: String, expected: String) async throws {
        let tempo = try await filled()
        let uri = "/api/metrics/query?q=\(PercentEncoding.encode(query))&start=\(Self.base)&end=\(Self.base + 240)"
        let response = try await tempo.get(uri)
        #expect(response.status == .ok)
        #expect(response.text.hasPrefix(expected), "\(response.text)")
    }

    @Test func aSeriesIsWrittenAsInTempo() async throws {
        let tempo = try await filled()
        let query = "{ span.amount = 3.0 && kind = client } | max_over_time(duration) by (name) with (exemplars=1)"
        let response = try await range(query, tempo)
        let time = Self.base * 1000
        #expect(
            response.text.hasPrefix(
                #"{"series":[{"labels":[{"key":"name","value":{"stringValue":"hold"}}],"samples":"#
                    + #"[{"timestampMs":"\#(time + 60_000)","value":0.025246914}],"exemplars":[{"labels":"#
                    + #"[{"key":"trace:id","value":{"stringValue":"abc0000000000000000000000000003"}},"#
                    + #"{"key":"name","value":{"stringValue":"hold"}},"#
                    + #"{"key":"duration","value":{"stringValue":"25.246914ms"}}],"value":0.025246914,"#
                    + #""timestampMs":"\#(time + 20_252)"}]}],"metrics":{"inspectedBytes":""#), "\(response.text)")
    }

    @Test(arguments: [
        ("", "&step=60s", 24), ("with (exemplars=true)", "&step=60s", 24), ("with (exemplars=false)", "&step=60s", 0),
        ("with (exemplars=7)", "&step=60s", 6), ("", "&step=60s&exemplars=2", 2),
    ])
    func exemplarsShowOneSpanPerTrace(hint: String, parameters: String, count: Int) async throws {
        let response = try await range("{} | rate() \(hint)", try await filled(), parameters)
        let exemplars = response.json["series"]?[0]?["exemplars"]?.array ?? []
        #expect(exemplars.count == count)
        #expect(exemplars.allSatisfy { $0["value"]?.double == 0.3 })
        #expect(Set(exemplars.compactMap { $0["labels"]?[0]?["value"]?["stringValue"]?.string }).count == count)
    }

    /// A span at the end of an interval belongs to it, as in Tempo; the default range is the last hour.
    @Test func theRangeAndTheStepHaveDefaults() async throws {
        let tempo = try await TraceFixture(clock: MovableClock((Self.base + 300) * 1_000_000_000).wallClock)
        _ = try await tempo.push(json: TraceFixture.span(start: Self.base * 1_000_000_000))
        let later = TraceFixture.span(id: "00000000000000b7", start: Self.base * 1_000_000_000 + 1)
        _ = try await tempo.push(json: later)
        #expect(rows(try await range("{} | count_over_time()", tempo)) == ["__name__=count_over_time: 1 1 0 0 0"])
        let hour = try await tempo.get("/api/metrics/query_range?query=%7B%7D%7Ccount_over_time()")
        // An hour has 240 times 15 seconds, and one more comes before.
        #expect(hour.json["series"]?[0]?["samples"]?.array?.count == 241)
        let since = try await tempo.get("/api/metrics/query?q=%7B%7D%7Ccount_over_time()&since=299s")
        #expect(since.json["series"]?[0]?["value"]?.double == nil)
        let longer = try await tempo.get("/api/metrics/query?q=%7B%7D%7Ccount_over_time()&since=300s")
        #expect(longer.json["series"]?[0]?["value"]?.double == 2)
    }

    @Test(
        arguments: [
            (10, 50), (30, 100), (59, 200), (60, 1000), (240, 1000), (3600, 15_000), (4000, 15_000), (86_400, 300_000),
        ] as [(UInt64, UInt64)])
    func theDefaultStepFollowsTheRange(seconds: UInt64, milliseconds: UInt64) {
        let chosen = MetricSteps.defaultStep(from: 1_000_000_000, to: (seconds + 1) * 1_000_000_000)
        #expect(chosen == milliseconds * 1_000_000)
    }

    @Test(arguments: [
        ("q=%7B%7D", "not a metrics query"), ("q=", "parse error at line 1, col 1: "),
        ("q=%7B%7D|rate()&start=abc", "could not parse 'start' parameter: strconv.ParseInt: parsing \"abc\""),
        ("q=%7B%7D|rate()&start=20&end=10", "end must be greater than start"),
        ("q=%7B%7D|rate()&start=0&end=10", "start required"),
        ("q=%7B%7D|rate()&start=1000&end=100000", "metrics query time range exceeds the maximum allowed duration"),
        ("q=%7B%7D|rate()&step=abc", "cannot parse \"abc\" to a valid duration"),
        (
            "q=%7B%7D|rate()&start=1000&end=1240&step=0s",
            "step of 0s is too small, minimum step for given range is 24ms"
        ),
        ("q=%7B%7D|rate()&start=1000&end=1240&step=10ms", "step of 10ms is too small, minimum step for given"),
        ("q=%7B%7D|rate()&since=abc", "could not parse 'since' parameter"),
    ])
    func invalidParametersAreRefused(parameters: String, message: String) async throws {
        let response = try await TraceFixture().get("/api/metrics/query_range?\(parameters)")
        #expect(response.status == .badRequest)
        #expect(response.text.hasPrefix(message), "\(response.text)")
    }

    @Test func anInstantQueryOverAnEmptyRangeIsRefused() async throws {
        let response = try await TraceFixture().get("/api/metrics/query?q=%7B%7D|rate()&start=10&end=10")
        #expect(response.text == "end must be greater than start")
    }

    @Test func aQueryWithTooManySeriesIsRefused() async throws {
        let tempo = try await TraceFixture(clock: MovableClock((Self.base + 60) * 1_000_000_000).wallClock)
        for batch in 0..<2 {
            var spans: [String] = []
            for index in 0..<600 {
                let id = Hex.string(UInt64(batch * 600 + index + 1))
                spans.append(
                    #"{"traceId":"0000000000000001\#(id)","spanId":"\#(id)","name":"n\#(id)","#
                        + #""startTimeUnixNano":"\#(Self.base)000000000","endTimeUnixNano":"\#(Self.base)000000001"}"#)
            }
            _ = try await tempo.push(
                json: #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#)
        }
        let many = try await range("{} | rate() by (name)", tempo)
        #expect(many.status == .unprocessableContent)
        #expect(many.text.hasPrefix("the answer has 1200 series, more than 1000: "))
        let ranked = try await range("{} | rate() by (name) | topk(2)", tempo)
        #expect(ranked.json["series"]?.array?.count == 2)
        let cells = try await range("{} | rate() by (name)", tempo, "&step=50ms")
        #expect(cells.status == .unprocessableContent)
        #expect(cells.text.hasPrefix("the query makes more than 833 series of 4801 points: "), "\(cells.text)")
    }
}
