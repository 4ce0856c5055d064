import Encoding
import HTTP
import Testing

@testable import QuerySupport

@Suite("Loki's metric queries") struct LokiMetricTests {
    /// A line of `gateway` every ten seconds for a minute, the last two errors; one line of `tasks`.
    private func filled() async throws -> PocketFixture {
        let fixture = try await PocketFixture()
        for index in 0..<6 {
            _ = try await fixture.push(
                [("service", "gateway"), ("level", index < 4 ? "info" : "error")],
                [(Double(index * 10), "line \(index)", [("trace_id", "t\(index % 2)")])])
        }
        _ = try await fixture.push([("service", "tasks"), ("level", "info")], [(5, #"{"ms":"5"}"#, [])])
        fixture.clock.advance(seconds: 60)
        return fixture
    }

    private func instant(_ query: String, _ fixture: PocketFixture) async throws -> [String: String] {
        let answer = try await fixture.get("/loki/api/v1/query", [("query", query)])
        guard answer.status == .ok else { return ["error": answer.text] }
        return Dictionary(
            uniqueKeysWithValues: answer.result.map {
                ($0["metric"]?.description ?? "", $0["value"]?[1]?.string ?? "")
            })
    }

    @Test(
        arguments: [
            (
                #"count_over_time({service="tasks"}[5m])"#,
                [#"{"detected_level":"info","level":"info","service":"tasks","service_name":"tasks"}"#: "1"]
            ),
            (#"sum(count_over_time({service=~".+"}[5m]))"#, ["{}": "7"]),
            (
                #"sum by (service) (count_over_time({service=~".+"}[5m]))"#,
                [#"{"service":"gateway"}"#: "6", #"{"service":"tasks"}"#: "1"]
            ),
            (
                #"sum(count_over_time({service="gateway"}[5m])) without (trace_id, detected_level, service_name, service)"#,
                [#"{"level":"info"}"#: "4", #"{"level":"error"}"#: "2"]
            ),
            (
                #"sum by (trace_id) (count_over_time({service="gateway"}[5m]))"#,
                [#"{"trace_id":"t0"}"#: "3", #"{"trace_id":"t1"}"#: "3"]
            ),
            (
                #"sum by (level, service) (rate({service="gateway"}[1m]))"#,
                [
                    #"{"level":"info","service":"gateway"}"#: "0.05",
                    #"{"level":"error","service":"gateway"}"#: "0.03333333333333333",
                ]
            ),
            (#"sum(bytes_over_time({service="gateway"}[5m]))"#, ["{}": "36"]),
            (#"sum(bytes_rate({service="gateway"}[1m]))"#, ["{}": "0.5"]),
            (#"sum(count_over_time({service="gateway"} |= "line 1" [5m]))"#, ["{}": "1"]),
            (#"sum(count_over_time({service="gateway"}[15s]))"#, ["{}": "1"]),
            (#"sum(count_over_time({service="gateway"}[10s]))"#, [:]),
            (#"sum by (ms) (count_over_time({service="tasks"} | json | ms > 1 [5m]))"#, [#"{"ms":"5"}"#: "1"]),
            (#"avg(count_over_time({service="gateway"}[5m]))"#, ["{}": "1.5"]),
            (#"max(count_over_time({service="gateway"}[5m]))"#, ["{}": "2"]),
            (
                #"min by (level) (count_over_time({service="gateway"}[5m]))"#,
                [#"{"level":"info"}"#: "2", #"{"level":"error"}"#: "1"]
            ),
            (#"count(count_over_time({service="gateway"}[5m]))"#, ["{}": "4"]),
            (#"topk(1, sum by (service) (count_over_time({service=~".+"}[5m])))"#, [#"{"service":"gateway"}"#: "6"]),
            (#"bottomk(1, sum by (service) (count_over_time({service=~".+"}[5m])))"#, [#"{"service":"tasks"}"#: "1"]),
            (#"sum by (service) (count_over_time({service=~".+"}[5m])) > 1"#, [#"{"service":"gateway"}"#: "6"]),
            (
                #"sum by (service) (count_over_time({service=~".+"}[5m])) > bool 1"#,
                [#"{"service":"gateway"}"#: "1", #"{"service":"tasks"}"#: "0"]
            ),
            (#"2 * sum(count_over_time({service="gateway"}[5m])) + 1"#, ["{}": "13"]),
            (
                #"sum(count_over_time({level="error"}[5m])) / sum(count_over_time({service="gateway"}[5m]))"#,
                ["{}": "0.3333333333333333"]
            ),
            (#"10 > sum(count_over_time({service="gateway"}[5m]))"#, ["{}": "6"]), ("vector(1)+vector(1)", ["{}": "2"]),
            (#"sum(count_over_time({service="nobody"}[5m]))"#, [:]), ("vector(7) % 4 ^ 1", ["{}": "3"]),
        ] as [(String, [String: String])])
    func aMetricQueryEvaluatesToItsSamples(query: String, expected: [String: String]) async throws {
        let fixture = try await filled()
        #expect(try await instant(query, fixture) == expected)
    }

    @Test func aScalarQueryAnswersAScalar() async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.get("/loki/api/v1/query", [("query", "1+1*3"), ("time", "1795190400.5")])
        #expect(
            answer.text.hasPrefix(#"{"status":"success","data":{"resultType":"scalar","result":[1795190400.5,"4"],"#))
    }

    @Test func anInstantLogQueryIsRefused() async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.get("/loki/api/v1/query", [("query", #"{a="b"}"#)])
        #expect(answer.status == .badRequest)
        #expect(answer.text.hasPrefix("log queries are not supported as an instant query type"))
    }

    /// Evaluation times are multiples of the step, and a window ends at each of them.
    @Test func aRangeQueryEvaluatesAtEachStep() async throws {
        let fixture = try await filled()
        let start = PocketFixture.start / 1_000_000_000
        let parameters = [("start", String(start - 5)), ("end", String(start + 55)), ("step", "20s")]
        let answer = try await fixture.query(#"sum by (service) (count_over_time({service=~".+"}[20s]))"#, parameters)
        #expect(
            answer.text.hasPrefix(
                """
                {"status":"success","data":{"resultType":"matrix","result":[{"metric":{"service":"gateway"},"values":\
                [[\(start),"1"],[\(start + 20),"2"],[\(start + 40),"2"],[\(start + 60),"1"]]},\
                {"metric":{"service":"tasks"},"values":[[\(start + 20),"1"]]}],"stats":
                """))
        // A window shorter than the step leaves lines out, one longer counts them more than once.
        let short = try await fixture.query(#"sum(count_over_time({service="gateway"}[5s]))"#, parameters)
        #expect(
            short.result[0]["values"]?.description == #"[[\#(start),"1"],[\#(start + 20),"1"],[\#(start + 40),"1"]]"#)
        let long = try await fixture.query(#"sum(count_over_time({service="gateway"}[40s]))"#, parameters)
        #expect(
            long.result[0]["values"]?.description
                == #"[[\#(start),"1"],[\#(start + 20),"3"],[\#(start + 40),"4"],[\#(start + 60),"3"]]"#)
    }

    @Test func aScalarOverARangeAnswersASeries() async throws {
        let fixture = try await PocketFixture()
        let parameters = [("start", "1795193623.9"), ("end", "1795193683.9"), ("step", "30")]
        let answer = try await fixture.query("1+1", parameters)
        #expect(
            answer.result.first?.description
                == #"{"metric":{},"values":[[1795193610,"2"],[1795193640,"2"],[1795193670,"2"],[1795193700,"2"]]}"#)
    }

    @Test func aCountOfUnparsableLinesIsRefused() async throws {
        let fixture = try await filled()
        let answer = try await fixture.query(#"sum by (x) (count_over_time({service="gateway"} | json [5m]))"#)
        #expect(answer.status == .badRequest)
        #expect(answer.text.hasPrefix("pipeline error: 'JSONParserErr' for series: '{__error__=\"JSONParserErr\", "))
        // Where no label is asked for, nothing is parsed.
        let unparsed = try await instant(#"sum(count_over_time({service="gateway"} | json | logfmt [5m]))"#, fixture)
        #expect(unparsed == ["{}": "6"])
        let skipped = try await instant(#"sum(count_over_time({service=~".+"} | json | __error__="" [5m]))"#, fixture)
        #expect(skipped == ["{}": "1"])
        let dropped = try await instant(
            #"sum(count_over_time({service=~".+"} | json | drop __error__ [5m]))"#, fixture)
        #expect(dropped == ["{}": "7"])
    }

    @Test func aQueryWithTooManySeriesIsRefused() async throws {
        let fixture = try await PocketFixture()
        _ = try await fixture.push(
            [("service", "s")], (0..<1001).map { (Double($0) / 100, "x", [("trace_id", "t\($0)")]) })
        let answer = try await fixture.query(#"count_over_time({service="s"}[5m])"#)
        #expect(answer.status == .badRequest)
        #expect(answer.text.hasPrefix("maximum number of series (1000) reached for a single query"))
        fixture.clock.advance(seconds: 60)
        #expect(try await instant(#"count(count_over_time({service="s"}[5m]))"#, fixture) == ["{}": "1001"])
    }

    @Test(arguments: [
        (1.0, "1"), (0.1, "0.1"), (1.0 / 60, "0.016666666666666666"), (1e-7, "0.0000001"), (1.5e-5, "0.000015"),
        (1e21, "1000000000000000000000"), (123456789.125, "123456789.125"), (-2.5e-6, "-0.0000025"),
        (1.25e17, "125000000000000000"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"),
    ])
    func numbersAreFormattedAsInGo(value: Double, expected: String) { #expect(FloatFormat.string(value) == expected) }
}
