import Encoding
import HTTP
import Testing

/// Numbers of every size in every place where the query languages allow them.
@Suite("Extreme literals in queries") struct LiteralSweepTests {
    private static let numbers = [
        "-9223372036854775808", "-1", "0", "1", "2147483648", "9007199254740992", "9223372036854775807",
        "9223372036854775808", "1" + String(repeating: "0", count: 400), "1e999", "1e308", "NaN", "Inf", "0.5",
        "1e-400",
    ]
    private static let durations = [
        "0s", "1ns", "1ms", "9223372036854775807s", "99999999999999999999h", "106751d", "292y", "1y1y1y1y", "9e9s",
        "9223372036s", "2562047h", "2562048h", "0.0000000001s",
    ]

    private static let logQL: [String] =
        numbers.flatMap { number in
            [
                #"{a="b"} | logfmt | n > \#(number)"#, #"{a="b"} | json | n == \#(number)"#,
                #"vector(\#(number))"#, #"vector(1) * \#(number)"#, #"vector(1) / \#(number)"#,
                #"vector(7) % \#(number)"#, #"vector(2) ^ \#(number)"#, #"vector(1) - \#(number)"#,
                #"\#(number) > bool \#(number)"#, #"-1 * vector(\#(number)) * 9223372036854775808"#,
                #"topk(\#(number), count_over_time({a="b"}[1h]))"#,
                #"bottomk(\#(number), count_over_time({a="b"}[1h]))"#,
                #"quantile_over_time(\#(number), {a="b"} | logfmt | unwrap n [1h])"#,
                #"sum_over_time({a="b"} | logfmt | unwrap bytes(n) | n != \#(number) [1h])"#,
                #"{a="b"} | line_format `{{ trunc \#(number) .a }}{{ substr \#(number) \#(number) .a }}`"#,
                #"{a="b"} | line_format `{{ alignLeft \#(number) .a }}{{ alignRight \#(number) .a }}`"#,
                #"{a="b"} | line_format `{{ printf "%\#(number)d" 5 }}{{ printf "%.\#(number)f" 1.5 }}`"#,
                #"{a="b"} | line_format `{{ printf "%f" \#(number) }}{{ printf "%v" \#(number) }}`"#,
                #"label_replace(vector(1), "a", "$\#(number)${\#(number)}", "", "(.*)")"#,
                #"{a=~"x{\#(number)}"}"#, #"{a="b"} |~ "x{\#(number),\#(number)}""#,
                #"{a="b"} | n > \#(number)KB"#, #"{a="b"} | n > \#(number)TiB"#,
            ]
        }
        + durations.flatMap { duration in
            [
                #"count_over_time({a="b"}[\#(duration)])"#, #"rate({a="b"}[5m] offset \#(duration))"#,
                #"rate({a="b"}[\#(duration)] offset -\#(duration))"#,
                #"absent_over_time({a="b"}[\#(duration)] offset \#(duration))"#,
                #"{a="b"} | logfmt | d > \#(duration)"#,
                #"sum_over_time({a="b"} | logfmt | unwrap duration(d) [\#(duration)])"#,
            ]
        }

    private static let traceQL: [String] =
        numbers.flatMap { number in
            [
                "{ .n > \(number) }", "{ .n / \(number) > 1 }", "{ .n % \(number) = 0 }", "{ -\(number) < .n }",
                "{ .n * \(number) * \(number) > 0 }", "{ minInt / -1 = .n }", "{ -minInt = .n }", "{ minInt % -1 = 0 }",
                "{ .n ^ \(number) > 0 }", "{ duration * \(number) > 1s }", "{ } | count() > \(number)",
                "{ } | sum(.n) >= \(number)", "{ } | avg(duration) < \(number)", "{ } | by(.n + \(number))",
                "{ } | rate() | topk(\(number))", "{ } | quantile_over_time(duration, \(number))",
                "{ } | count_over_time() > \(number)", "{ } | rate() with (exemplars=\(number))",
                "{ name =~ `x{\(number)}` }",
            ]
        }
        + durations.flatMap { duration in
            [
                "{ duration > \(duration) }", "{ duration > -\(duration) }", "{ duration + \(duration) > \(duration) }",
                "{ } | max(duration) > \(duration)", "{ traceDuration >= \(duration) }",
                "{ } | sum_over_time(duration) < \(duration)",
            ]
        }

    @Test func anExtremeLiteralInLogQLNeverBreaksTheServer() async throws {
        let loki = try await PocketFixture()
        let pushed = try await loki.push(
            [("a", "b")],
            [
                (-60, "n=5 d=3s", []), (-50, "n=9223372036854775807 d=99999999999999h", []),
                (-40, "n=1e999 d=-1s", []), (-30, #"{"n":1e300}"#, []), (-20, "n=NaN d=Inf", []),
            ])
        #expect(pushed.status == .noContent)
        for query in Self.logQL {
            let range = try await loki.query(query)
            #expect([200, 400, 422].contains(range.status.code), "\(range.status) \(query.prefix(200))")
            let instant = try await loki.get("/loki/api/v1/query", [("query", query)])
            #expect([200, 400, 422].contains(instant.status.code), "\(instant.status) \(query.prefix(200))")
            if range.status == .ok { #expect(throws: Never.self) { try JSONValue(parsing: range.body) } }
        }
        await loki.close()
    }

    @Test func anExtremeLiteralInTraceQLNeverBreaksTheServer() async throws {
        let tempo = try await TraceFixture(clock: WallClock { PocketFixture.start + 3600_000_000_000 })
        #expect(try await tempo.push(json: TraceFixture.everything).status == .ok)
        for query in Self.traceQL {
            for path in ["/api/search?q=", "/api/metrics/query_range?q=", "/api/metrics/query?q="] {
                let response = try await tempo.get(path + PercentEncoding.encode(query))
                #expect([200, 400, 422].contains(response.status.code), "\(response.status) \(query.prefix(200))")
                if response.status == .ok { #expect(throws: Never.self) { try JSONValue(parsing: response.body) } }
            }
        }
    }
}
