import Encoding
import HTTP
import Testing

@testable import PocketStore
@testable import QuerySupport

/// The numbers are what Loki 3.6.15 answers for the same lines.
@Suite("Unwrapped numbers and combined series") struct LokiUnwrapTests {
    /// A line every ten seconds for four minutes; the fixture's time is their end.
    private func filled() async throws -> PocketFixture {
        let fixture = try await PocketFixture()
        for index in 0..<24 {
            let isError = index % 6 == 0
            let fault = index % 4 == 0 ? #","fault.id":"f-\#(index)""# : ""
            let error = isError ? #","error":{"type":"Timeout","message":"took \"too\" long"}"# : ""
            let line = #"""
                {"message":"request done","route":"\#(index % 3 > 0 ? "/v1/tasks" : "/v1/tasks/{id}")",\#
                "status":\#(isError ? 500 : 200),"duration_ms":\#(10 + Double(index) * 2.5),"dur":"\#(index * 7 + 1)ms",\#
                "size":"\#(index + 1)KB","guild":"g\#(index % 3)"\#(fault),"request":{"http":{"user-agent":"curl/1"},\#
                "2nd":1}\#(error)}
                """#
            let seconds = Double(index * 10) + 0.5
            _ = try await fixture.push(
                [("service", "gateway"), ("level", isError ? "error" : "info")], [(seconds, line, [])])
            _ = try await fixture.push(
                [("service", "tasks"), ("level", "info")],
                [(seconds + 1, "path=/a/\(index % 2) took=\(index * 10)ms bytes=\(index * 100)", [])])
        }
        let mixed = [#"{"v":"abc","w":1}"#, #"{"v":"2","w":2}"#, "not json", #"{"v":"4.5","w":-3}"#, #"{"w":"1h"}"#]
        _ = try await fixture.push(
            [("service", "mixed"), ("level", "info")],
            mixed.enumerated().map { (Double($0.offset * 10) + 5, $0.element, []) })
        fixture.clock.advance(seconds: 240)
        return fixture
    }

    /// `labels: numbers at each minute`, a `-` where there is none.
    private func rows(_ query: String, _ fixture: PocketFixture) async throws -> [String] {
        let start = PocketFixture.start / 1_000_000_000
        let answer = try await fixture.query(
            query, [("start", String(start)), ("end", String(start + 240)), ("step", "60s")])
        guard answer.status == .ok else { return [answer.text] }
        return answer.result.map { series in
            var numbers = Array(repeating: "-", count: 5)
            for value in series["values"]?.array ?? [] {
                let step = Int((value[0]?.double ?? 0) - Double(start)) / 60
                numbers[step] = Self.rounded(value[1]?.string ?? "")
            }
            let labels = (series["metric"]?.object?.members ?? []).map { "\($0.name)=\($0.value.string ?? "")" }
            return labels.joined(separator: ",") + ": " + numbers.joined(separator: " ")
        }
    }

    /// Nine digits: sums depend on the order in their last ones.
    private static func rounded(_ text: String) -> String {
        guard let value = Double(text), value.isFinite else { return text }
        return FloatFormat.string((value * 1e9).rounded() / 1e9)
    }

    private static let gateway = #"{service="gateway"} | json | unwrap"#

    @Test(
        arguments: [
            (
                "sum by (level) (sum_over_time(\(gateway) duration_ms [1m]))",
                ["level=error: - 10 25 40 55", "level=info: - 87.5 162.5 237.5 312.5"]
            ),
            (
                "avg_over_time(\(gateway) duration_ms [1m]) by (level)",
                ["level=error: - 10 25 40 55", "level=info: - 17.5 32.5 47.5 62.5"]
            ),
            (
                "min_over_time(\(gateway) duration_ms [1m]) by (route)",
                ["route=/v1/tasks: - 12.5 27.5 42.5 57.5", "route=/v1/tasks/{id}: - 10 25 40 55"]
            ),
            (
                "max_over_time(\(gateway) duration_ms [1m]) by (route, level)",
                [
                    "level=error,route=/v1/tasks/{id}: - 10 25 40 55",
                    "level=info,route=/v1/tasks: - 22.5 37.5 52.5 67.5",
                    "level=info,route=/v1/tasks/{id}: - 17.5 32.5 47.5 62.5",
                ]
            ),
            (
                "quantile_over_time(0.9, \(gateway) duration_ms [1m]) by (service)",
                ["service=gateway: - 21.25 36.25 51.25 66.25"]
            ),
            (
                "quantile_over_time(0.5, \(gateway) duration_ms [2m]) by (level)",
                ["level=error: - 10 17.5 32.5 47.5", "level=info: - 17.5 25 40 55"]
            ),
            ("quantile_over_time(0, \(gateway) duration_ms [2m]) by ()", [": - 10 10 25 40"]),
            (
                "quantile_over_time(1.5, \(gateway) duration_ms [2m]) by (service)",
                ["service=gateway: - +Inf +Inf +Inf +Inf"]
            ),
            (
                "first_over_time(\(gateway) duration_ms [1m]) by (level)",
                ["level=error: - 10 25 40 55", "level=info: - 12.5 27.5 42.5 57.5"]
            ),
            (
                "last_over_time(\(gateway) duration_ms [1m]) by (level)",
                ["level=error: - 10 25 40 55", "level=info: - 22.5 37.5 52.5 67.5"]
            ),
            (
                "stddev_over_time(\(gateway) duration_ms [1m]) by (level)",
                ["level=error: - 0 0 0 0", "level=info: - 3.535533906 3.535533906 3.535533906 3.535533906"]
            ),
            (
                "stdvar_over_time(\(gateway) duration_ms [1m]) by (level)",
                ["level=error: - 0 0 0 0", "level=info: - 12.5 12.5 12.5 12.5"]
            ),
            (
                "sum by (level) (rate(\(gateway) duration_ms [1m]))",
                [
                    "level=error: - 0.166666667 0.416666667 0.666666667 0.916666667",
                    "level=info: - 1.458333333 2.708333333 3.958333333 5.208333333",
                ]
            ),
            (
                "max_over_time(\(gateway) duration(dur) [1m]) by (level)",
                ["level=error: - 0.001 0.043 0.085 0.127", "level=info: - 0.036 0.078 0.12 0.162"]
            ),
            (
                "max_over_time(\(gateway) duration_seconds(dur) [1m]) by (service)",
                ["service=gateway: - 0.036 0.078 0.12 0.162"]
            ),
            ("sum(sum_over_time(\(gateway) bytes(size) [1m]))", [": - 21000 57000 93000 129000"]),
            (
                "avg_over_time(\(gateway) duration_ms [1m]) without (route, fault_id, dur, size, guild, error_message, "
                    + "request_http_user_agent, request_2nd, detected_level, service_name, status, message)",
                [
                    "error_type=Timeout,level=error,service=gateway: - 10 25 40 55",
                    "level=info,service=gateway: - 17.5 32.5 47.5 62.5",
                ]
            ),
            ("sum(sum_over_time(\(gateway) nope [1m]))", []),
            ("sum(sum_over_time(\(gateway) duration_ms | duration_ms > 40 [1m]))", [": - - - 237.5 367.5"]),
            ("sum(sum_over_time(\(gateway) duration_ms | status = 500 [1m]))", [": - 10 25 40 55"]),
            (#"sum(sum_over_time({service="mixed"} | json | unwrap v | __error__="" [1m]))"#, [": - 6.5 - - -"]),
            (
                #"sum_over_time({service="mixed"} | json | unwrap v | __error__="" [1m])"#,
                [
                    "detected_level=info,level=info,service=mixed,service_name=mixed,w=-3: - 4.5 - - -",
                    "detected_level=info,level=info,service=mixed,service_name=mixed,w=2: - 2 - - -",
                ]
            ),
            (
                #"avg_over_time({service="tasks"} | logfmt | unwrap duration(took) [1m]) by (path)"#,
                ["path=/a/0: - 0.02 0.08 0.14 0.2", "path=/a/1: - 0.03 0.09 0.15 0.21"]
            ),
            (
                #"sum by (path) (sum_over_time({service="tasks"}[1m] | logfmt | unwrap bytes))"#,
                ["path=/a/0: - 600 2400 4200 6000", "path=/a/1: - 900 2700 4500 6300"]
            ),
            (
                #"sum(sum_over_time({service="gateway"} | json | unwrap duration_ms [1m] offset 1m))"#,
                [": - - 97.5 187.5 277.5"]
            ),
            (#"sum(count_over_time({service="gateway"} |= "done" [1m] offset 90s))"#, [": - - 3 6 6"]),
            (#"sum(count_over_time({service="gateway"}[1m] offset -30s))"#, [": 3 6 6 6 3"]),
            (
                #"sum by (error_type) (count_over_time({service="gateway"} | json | error_type != "" [1m]))"#,
                ["error_type=Timeout: - 1 1 1 1"]
            ),
            (
                #"sum by (fault_id) (count_over_time({service="gateway"} | json | fault_id =~ "f-[48]" [1m]))"#,
                ["fault_id=f-4: - 1 - - -", "fault_id=f-8: - - 1 - -"]
            ),
        ] as [(String, [String])])
    func unwrappedNumbersAreAggregated(query: String, expected: [String]) async throws {
        #expect(try await rows(query, try await filled()) == expected)
    }

    @Test func unwrappingANonNumberIsAnError() async throws {
        let fixture = try await filled()
        for filter in ["", #" | __error__=~".+""#] {
            let answer = try await rows(#"sum_over_time({service="mixed"} | json | unwrap v\#(filter) [1m])"#, fixture)
            #expect(
                answer[0].hasPrefix(
                    #"""
                    pipeline error: 'SampleExtractionErr' for series: '{__error__="SampleExtractionErr", \#
                    __error_details__="strconv.ParseFloat: parsing \"abc\": invalid syntax", detected_level="info", \#
                    level="info", service="mixed", service_name="mixed", v="abc", w="1"}'.
                    """#), "\(answer)")
        }
    }

    private static let all = #"sum by (service) (count_over_time({service=~".+"}[1m]))"#
    private static let one = #"sum by (service) (count_over_time({service="gateway"}[1m]))"#
    private static let levels = #"sum by (service, level) (count_over_time({service=~"gateway|mixed"}[1m]))"#

    @Test(
        arguments: [
            (#"absent_over_time({service="nobody"}[1m])"#, ["service=nobody: 1 1 1 1 1"]),
            (#"absent_over_time({service="mixed"}[1m])"#, ["service=mixed: 1 - 1 1 1"]),
            (#"absent_over_time({service="nobody",level=~"a|b",job!="x"}[1m])"#, ["service=nobody: 1 1 1 1 1"]),
            (#"absent_over_time({service="a",service="b"}[1m])"#, [": 1 1 1 1 1"]),
            (#"sum(absent_over_time({service="gateway"} |= "never" [1m]))"#, [": 1 1 1 1 1"]),
            (#"absent_over_time({service="gateway"}[5m] offset -5m)"#, ["service=gateway: - - - - 1"]),
            ("\(all) and \(one)", ["service=gateway: - 6 6 6 6"]),
            (
                "\(one) or \(all)",
                ["service=gateway: - 6 6 6 6", "service=mixed: - 5 - - -", "service=tasks: - 6 6 6 6"]
            ),
            ("\(all) unless \(one)", ["service=mixed: - 5 - - -", "service=tasks: - 6 6 6 6"]),
            (#"sum(count_over_time({service="mixed"}[1m])) or vector(0)"#, [": 0 5 0 0 0"]),
            (
                "\(levels) and on (service) \(one)",
                ["level=error,service=gateway: - 1 1 1 1", "level=info,service=gateway: - 5 5 5 5"]
            ),
            ("\(levels) unless ignoring (level) \(one)", ["level=info,service=mixed: - 5 - - -"]),
            (
                "\(levels) / on (service) group_left \(one) * 6",
                ["level=error,service=gateway: - 1 1 1 1", "level=info,service=gateway: - 5 5 5 5"]
            ),
            (
                "\(one) / on (service) group_right () \(levels)",
                ["level=error,service=gateway: - 6 6 6 6", "level=info,service=gateway: - 1.2 1.2 1.2 1.2"]
            ),
            (
                "\(levels) / on (service) \(one)",
                ["multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"]
            ),
            ("\(one) / ignoring (level) \(all)", ["service=gateway: - 1 1 1 1"]),
            ("vector(1) or vector(2) and vector(3) unless vector(4)", [": 1 1 1 1 1"]),
            ("vector(1) > 0 or vector(5)", [": 1 1 1 1 1"]), ("vector(1) > 1 or vector(5)", [": 5 5 5 5 5"]),
            ("stddev(\(all))", [": - 0.471404521 0 0 0"]), ("stdvar(\(all))", [": - 0.222222222 0 0 0"]),
            (
                "topk by (service) (1, \(levels))",
                ["level=info,service=gateway: - 5 5 5 5", "level=info,service=mixed: - 5 - - -"]
            ),
            ("sort(\(one))", ["service=gateway: - 6 6 6 6"]),
            (
                #"label_replace(\#(one), "svc", "x-$1-${last}-$3", "service", "(ga)(?P<last>.*)")"#,
                ["service=gateway,svc=x-ga-teway-: - 6 6 6 6"]
            ),
            (#"label_replace(\#(one), "service", "", "service", "gate.*")"#, [": - 6 6 6 6"]),
            (#"label_replace(\#(one), "svc", "x", "service", "gate")"#, ["service=gateway: - 6 6 6 6"]),
            (
                #"sum(count_over_time({service="gateway"} | json | line_format "{{.route}}" |= "{id}" [1m]))"#,
                [": - 2 2 2 2"]
            ),
            (#"sum(bytes_over_time({service="gateway"} | json | line_format "{{.route}}" [1m]))"#, [": - 64 64 64 64"]),
            (
                #"sum by (s2) (count_over_time({service="gateway"} | json | label_format s2=`{{.status}}{{.route}}` [1m]))"#,
                ["s2=200/v1/tasks: - 4 4 4 4", "s2=200/v1/tasks/{id}: - 1 1 1 1", "s2=500/v1/tasks/{id}: - 1 1 1 1"]
            ),
            (
                #"max by (p) (max_over_time({service="tasks"} | pattern `path=<p> took=<_> bytes=<b>` | unwrap b [1m]))"#,
                ["p=/a/0: - 400 1000 1600 2200", "p=/a/1: - 500 1100 1700 2300"]
            ),
            (
                #"sum by (n) (count_over_time({service="tasks"} | regexp `/a/(?P<n>\d)` [1m]))"#,
                ["n=0: - 3 3 3 3", "n=1: - 3 3 3 3"]
            ),
        ] as [(String, [String])])
    func seriesAreCombinedByOperatorsAndFunctions(query: String, expected: [String]) async throws {
        #expect(try await rows(query, try await filled()) == expected)
    }

    @Test func sortOrdersTheSeriesOfAnInstantQuery() async throws {
        let fixture = try await filled()
        func services(_ query: String) async throws -> [String] {
            let time = String(PocketFixture.start + 60_000_000_000)
            let answer = try await fixture.get("/loki/api/v1/query", [("query", query), ("time", time)])
            return answer.result.compactMap { $0["metric"]?["service"]?.string }
        }
        #expect(try await services("sort(\(Self.all))") == ["mixed", "gateway", "tasks"])
        #expect(try await services("sort_desc(\(Self.all))") == ["gateway", "tasks", "mixed"])
        #expect(try await services("topk by (service) (1, \(Self.all))") == ["gateway", "mixed", "tasks"])
        #expect(try await services("topk(3, \(Self.all))") == ["gateway", "tasks", "mixed"])
    }

    @Test(
        arguments: [
            (0.5, [1, 2, 3], 2), (0.5, [1, 2], 1.5), (0, [4, 5], 4), (1, [4, 5], 5), (0.9, [0, 10], 9),
            (-0.1, [1], -.infinity), (1.1, [1], .infinity),
        ] as [(Double, [Double], Double)])
    func quantilesAreInterpolated(quantile: Double, numbers: [Double], expected: Double) {
        #expect(WindowAccumulator.quantile(quantile, of: numbers) == expected)
    }
}
