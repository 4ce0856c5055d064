import Encoding
import HTTP
import Testing

/// Answers in which the pocket stack once differed from Loki 3.6.15, as Loki's source defines them.
@Suite("The parity with Loki") struct LokiParityTests {
    private func fixture(
        _ lines: [String], metadata: [(String, String)] = [], labels: [(String, String)] = [("app", "a")]
    )
        async throws -> PocketFixture
    {
        let fixture = try await PocketFixture()
        let entries = lines.enumerated().map { (Double($0.offset) / 1000, $0.element, metadata) }
        #expect(try await fixture.push(labels, entries).status == .noContent)
        fixture.clock.advance(seconds: 10)
        return fixture
    }

    private func instant(_ query: String, _ fixture: PocketFixture) async throws -> Response {
        try await fixture.get("/loki/api/v1/query", [("query", query)])
    }

    @Test(arguments: [
        ("vector(1)/0", "NaN"), ("vector(0)/0", "NaN"), ("vector(1)%0", "NaN"),
        ("1/vector(0)", "NaN"), ("vector(4)/vector(0)", "NaN"), ("vector(0)/4", "0"), ("vector(5)%3", "2"),
    ])
    func aVectorDividedByZeroIsNaN(query: String, expected: String) async throws {
        let answer = try await instant(query, try await PocketFixture())
        #expect(answer.result.first?["value"]?[1]?.string == expected)
    }

    @Test(arguments: [("1/0", "NaN"), ("1%0", "NaN"), ("2^0.5", "1.4142135623730951")])
    func aScalarDividedByZeroFollowsLoki(query: String, expected: String) async throws {
        let answer = try await instant(query, try await PocketFixture())
        #expect(answer.json["data"]?["result"]?[1]?.string == expected)
    }

    /// Durations are parsed as in Go: 0 needs no unit, and there are no days.
    @Test(
        arguments: [
            ("latency=0", "latency > 1s", nil), ("latency=0", "latency < 1s", ""), ("latency=-0", "latency >= 0s", ""),
            ("latency=+2s", "latency > 1s", ""), ("latency=1h2m3.5s", "latency > 1h", ""),
            ("latency=5", "latency > 1s", "LabelFilterErr"), ("latency=2d", "latency > 1s", "LabelFilterErr"),
            ("latency=1w", "latency > 1s", "LabelFilterErr"), ("latency=s", "latency > 1s", "LabelFilterErr"),
            ("size=5", "size > 1B", ""), ("size=0", "size > 1B", nil), ("size=1x", "size > 1B", "LabelFilterErr"),
            ("n=0x10", "n > 1", "LabelFilterErr"), ("n=inf", "n > 1", ""), ("n=1e3", "n > 1", ""),
            ("n=+5", "n > 1", ""),
        ] as [(String, String, String?)])
    func labelFiltersParseValuesAsLokiDoes(line: String, filter: String, error: String?) async throws {
        let fixture = try await fixture([line])
        let result = try await fixture.query(#"{app="a"} | logfmt | \#(filter)"#).result
        if let error {
            #expect(result.first?["stream"]?["__error__"]?.string ?? "" == error)
            #expect(result.count == 1)
        } else {
            #expect(result.isEmpty)
        }
    }

    /// An empty label has no number, so the line is skipped.
    @Test func anEmptyLabelIsNotUnwrapped() async throws {
        let fixture = try await fixture([#"{"a":1}"#, #"{"a":2,"b":""}"#])
        for query in [
            #"sum_over_time({app="a"} | json b="nosuch" | unwrap b [1m])"#,
            #"sum_over_time({app="a"} | json | unwrap b [1m])"#,
        ] {
            let answer = try await instant(query, fixture)
            #expect(answer.status == .ok && answer.result.isEmpty, "\(answer.text)")
        }
        let days = try await self.fixture(["t=2d"])
        #expect(
            try await instant(#"sum_over_time({app="a"} | logfmt | unwrap duration(t) [1m])"#, days).status
                == .badRequest)
    }

    /// An error elsewhere in the line does not affect an extracted field.
    @Test(
        arguments: [
            (#"{"x":"y""#, "", nil), (#"{"a":"1","x":"#, "1", nil), (#"{"a":"1""#, "1", nil), (#"{"a":1,}"#, "1", nil),
            (#"{"a":"cut"#, "", "JSONParserErr"), (#"{"a":nope}"#, "", "JSONParserErr"),
            ("plain", nil, "JSONParserErr"),
            (#"[{"a":1}]"#, "", nil),
        ] as [(String, String?, String?)])
    func jsonExpressionsReadFieldsFromTruncatedLines(line: String, value: String?, error: String?) async throws {
        let fixture = try await fixture([line])
        let result = try await fixture.query(#"{app="a"} | json a="a""#).result
        #expect(result.first?["stream"]?["a"]?.string == value)
        #expect(result.first?["stream"]?["__error__"]?.string == error)
        if error == nil {
            let count = try await instant(#"count_over_time({app="a"} | json a="a" [1m])"#, fixture)
            #expect(count.result.first?["value"]?[1] == "1")
        }
    }

    @Test func aTrailingCommaInJSONIsAccepted() async throws {
        let result = try await fixture([#"{"a":1,}"#]).query(#"{app="a"} | json"#).result
        #expect(result.first?["stream"]?["a"] == "1" && result.first?["stream"]?["__error__"] == nil)
        let cut = try await fixture([#"{"a":1,"#]).query(#"{app="a"} | json"#).result
        #expect(cut.first?["stream"]?["__error__"] == "JSONParserErr")
    }

    /// A missing field removes nothing.
    @Test func aMissingFieldKeepsTheMetadata() async throws {
        let fixture = try await fixture([#"{"x":1}"#], metadata: [("a", "kept")])
        #expect(try await fixture.query(#"{app="a"} | json a="missing""#).result.first?["stream"]?["a"] == "kept")
        #expect(try await fixture.query(#"{app="a"} | json app="missing""#).result.first?["stream"]?["app"] == "a")
        #expect(
            try await fixture.query(#"{app="a"} | json app="missing""#).result.first?["stream"]?["app_extracted"] == nil
        )
        #expect(try await fixture.query(#"{app="a"} | json b="missing""#).result.first?["stream"]?["b"] == "")
        #expect(try await fixture.query(#"{app="a"} | json app="x""#).result.first?["stream"]?["app_extracted"] == "1")
    }

    /// The interval applies to lines of all streams together.
    @Test(arguments: ["forward", "backward"])
    func theIntervalThinsAllStreamsTogether(direction: String) async throws {
        let fixture = try await PocketFixture()
        for second in 0..<120 {
            _ = try await fixture.push([("app", "a"), ("n", "\(second % 3)")], [(Double(second), "\(second)", [])])
        }
        fixture.clock.advance(seconds: 120)
        let lines = try await fixture.query(
            #"{app="a"}"#, [("interval", "30s"), ("direction", direction), ("limit", "1000")]
        ).lines.compactMap { Int($0) }.sorted()
        #expect(lines == (direction == "forward" ? [0, 30, 60, 90] : [29, 59, 89, 119]))
        let some = try await fixture.query(
            #"{app="a"}"#, [("interval", "30s"), ("direction", "forward"), ("limit", "2")]
        ).lines
        #expect(some.sorted() == ["0", "30"])
    }

    @Test func indexStatisticsCountStreamsAndLines() async throws {
        let fixture = try await fixture(["four", "sixsix"], metadata: [])
        _ = try await fixture.push([("app", "b")], [(-1, "x", [])])
        let all = try await fixture.get("/loki/api/v1/index/stats", [("query", #"{app=~".+"}"#)]).json
        #expect(all["streams"] == 2 && all["chunks"] == 2 && all["entries"] == 3)
        let one = try await fixture.get("/loki/api/v1/index/stats", [("query", #"{app="a"}"#)]).json
        #expect(one["streams"] == 1 && one["entries"] == 2)
        #expect((one["bytes"]?.integer ?? 0) >= 10)
        let none = try await fixture.get("/loki/api/v1/index/stats", [("query", #"{app="a"}"#), ("end", "1795190000")])
            .json
        #expect(none["streams"] == 0 && none["bytes"] == 0)
    }

    @Test(arguments: [
        ("/loki/api/v1/label", "/loki/api/v1/labels"), ("/api/prom/label", "/loki/api/v1/labels"),
        ("/api/prom/label/app/values", "/loki/api/v1/label/app/values"), ("/api/prom/series", "/loki/api/v1/series"),
    ])
    func olderPathsAreAliases(alias: String, path: String) async throws {
        let fixture = try await fixture(["x"])
        let expected = try await fixture.get(path)
        #expect(expected.status == .ok && expected.json["data"]?.array?.isEmpty == false)
        #expect(try await fixture.get(alias).text == expected.text)
        let request = Request(
            method: .post, uri: alias, headers: ["content-type": "application/x-www-form-urlencoded"],
            body: Array("since=1h".utf8))
        #expect(try await fixture.send(request).text == expected.text)
    }
}
