import Encoding
import HTTP
import Testing

/// Every route is sent extreme numbers: nothing crashes, and each request gets a proper answer.
@Suite("Extreme request parameters") struct ParameterSweepTests {
    private static let values = [
        "-9223372036854775808", "-1", "0", "1", "2147483648", "9007199254740992", "9223372036854775807",
        "9223372036854775808", "1" + String(repeating: "0", count: 999), "1e999", "NaN", "Inf", "-Inf", "", "text",
        "9999999999", "-9999999999", "4294967295", "0.5", "-1e30", "9999999999.5", "1795190400", "1795190400000000000",
        "5m", "-5m", "9223372036s", "9223372036854775807s", "106751d", "2554-07-21T23:34:33Z", "1970-01-01T00:00:00Z",
    ]
    /// Those that are tried with each other.
    private static let pairedValues = [
        "-9223372036854775808", "-1", "0", "1", "2147483648", "9007199254740992", "9223372036854775807",
        "9223372036854775808", "NaN", "9999999999", "4294967295", "-1e30", "1795190400", "1795190400000000000",
    ]
    private static let allowed: Set<Int> = [200, 400, 404, 413, 422]

    private struct Target {
        var path: String
        /// What is always sent.
        var fixed: String
        var parameters: [String]
    }

    private static let selector = PercentEncoding.encode(#"{a="b"}"#)
    private static let rate = PercentEncoding.encode(#"sum(rate({a="b"} [5m] offset 1m))"#)

    private static let loki: [Target] =
        [
            Target(
                path: "/loki/api/v1/query_range", fixed: "query=\(selector)",
                parameters: ["start", "end", "since", "limit", "step", "interval"]),
            Target(
                path: "/loki/api/v1/query_range", fixed: "query=\(rate)",
                parameters: ["start", "end", "since", "limit", "step", "interval"]),
            Target(path: "/loki/api/v1/query", fixed: "query=\(rate)", parameters: ["time", "limit"]),
        ]
        + [
            "labels", "label", "label/a/values", "series", "index/stats", "index/volume", "index/volume_range",
            "patterns", "detected_labels", "detected_fields", "detected_field/a/values",
        ].map {
            Target(
                path: "/loki/api/v1/" + $0, fixed: "query=\(selector)",
                parameters: ["start", "end", "since", "limit", "step", "line_limit", "field_limit"])
        }

    private static let search = PercentEncoding.encode("{ duration > 1ms }")
    private static let spanRate = PercentEncoding.encode("{ } | rate() by (name)")
    private static let tempo: [Target] =
        [
            Target(path: "/api/search", fixed: "query=\(search)", parameters: ["start", "end", "limit", "spss"]),
            Target(
                path: "/api/search", fixed: "tags=a%3Db",
                parameters: ["start", "end", "limit", "spss", "minDuration", "maxDuration"]),
            Target(
                path: "/api/metrics/query_range", fixed: "query=\(spanRate)",
                parameters: ["start", "end", "since", "step", "exemplars"]),
            Target(path: "/api/metrics/query", fixed: "query=\(spanRate)", parameters: ["start", "end", "since"]),
        ]
        + [
            "/api/search/tags", "/api/v2/search/tags", "/api/search/tag/a/values", "/api/v2/search/tag/span.a/values",
            "/api/traces/\(TraceFixture.traceID)", "/api/v2/traces/\(TraceFixture.traceID)",
        ].map {
            Target(path: $0, fixed: "", parameters: ["start", "end", "limit", "maxTagValues", "maxStaleValues"])
        }

    private static let console: [Target] = [
        Target(path: "/traces", fixed: "query=\(search)", parameters: ["limit", "start", "end"]),
        Target(path: "/logs", fixed: "query=\(selector)", parameters: ["limit", "start", "end"]),
        Target(path: "/", fixed: "", parameters: ["limit"]),
    ]

    /// All parameters by themselves, and start and end together.
    private static func requests(_ targets: [Target]) -> [String] {
        var uris: [String] = []
        for target in targets {
            for name in target.parameters {
                for value in values {
                    uris.append("\(target.path)?\(target.fixed)&\(name)=\(PercentEncoding.encode(value))")
                }
            }
            guard target.parameters.contains("start") else { continue }
            for start in pairedValues {
                for end in pairedValues {
                    uris.append(
                        "\(target.path)?\(target.fixed)&start=\(PercentEncoding.encode(start))"
                            + "&end=\(PercentEncoding.encode(end))")
                }
            }
        }
        return uris
    }

    private static func check(_ targets: [Target], _ get: (String) async throws -> Response) async throws {
        let uris = requests(targets)
        var statuses: [Int: Int] = [:]
        for uri in uris {
            let status: Int
            do {
                status = try await get(uri).status.code
            } catch let error as HTTPError {
                status = error.status.code
            }
            statuses[status, default: 0] += 1
            #expect(allowed.contains(status), "\(status) for \(uri.prefix(300))")
        }
        // Some of what is asked makes sense, some does not.
        #expect((statuses[200] ?? 0) > 0 && (statuses[400] ?? 0) + (statuses[404] ?? 0) > 0, "\(statuses)")
    }

    @Test func noParameterValueBreaksTheLokiAPI() async throws {
        let loki = try await PocketFixture()
        let pushed = try await loki.push([("a", "b")], [(-60, "one", [("k", "v")]), (-30, "two", [])])
        #expect(pushed.status == .noContent)
        try await Self.check(Self.loki) { try await loki.send(Request(uri: $0)) }
        await loki.close()
    }

    @Test func noParameterValueBreaksTheTempoAPI() async throws {
        let tempo = try await TraceFixture(clock: WallClock { PocketFixture.start })
        #expect(try await tempo.push(json: TraceFixture.everything).status == .ok)
        try await Self.check(Self.tempo) { try await tempo.get($0) }
    }

    @Test func noParameterValueBreaksTheConsole() async throws {
        try await ConsoleFixture.run { (console) async throws in
            let targets = Self.console
            let uris = Self.requests(targets)
            for uri in uris { #expect(try await console.get(uri).status == .ok, "\(uri.prefix(200))") }
        }
    }

    @Test func noTimestampOfAPushBreaksTheStores() async throws {
        let loki = try await PocketFixture()
        for time in Self.values {
            let status = try await loki.push(
                #"{"streams":[{"stream":{"a":"b"},"values":[[\#(JSONValue.string(time)),"line"]]}]}"#
            ).status
            #expect([204, 400].contains(status.code), "\(time)")
        }
        let tempo = try await TraceFixture()
        for time in ["0", "1", "9223372036854775807", "9223372036854775808", "18446744073709551615"] {
            let span = TraceFixture.everything.replacing("1795193351760487936", with: time)
            #expect(try await tempo.push(json: span).status == .ok)
            for uri in [
                "/api/traces/\(TraceFixture.traceID)",
                "/api/search?q=\(PercentEncoding.encode("{ event:timeSinceStart > 1s || duration >= 0s || traceDuration > 1s }"))",
            ] {
                #expect(try await tempo.get(uri).status == .ok, "\(time) \(uri)")
            }
        }
        await loki.close()
    }
}
