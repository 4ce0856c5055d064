import Encoding
import HTTP
import Testing

/// Each request that Grafana sends to Loki is answered in the shape that Grafana reads.
@Suite("Grafana's requests to Loki") struct GrafanaLokiRequestsTests {
    private func loki() async throws -> PocketFixture {
        let loki = try await PocketFixture(clock: MovableClock(GrafanaRequest.seconds * 1_000_000_000))
        let labels = [
            ("job", "tailspan"), ("service", "gateway"), ("service_name", "gateway"),
            ("service_namespace", "tailspan"), ("level", "info"),
        ]
        let lines = (0..<5).map { number in
            (
                seconds: Double(number), line: #"{"message":"line \#(number)"}"#,
                metadata: [("trace_id", GrafanaRequest.traceID), ("duration_ms", "\(number)")]
            )
        }
        #expect(try await loki.push(labels, lines).status.isSuccess)
        return loki
    }

    @Test func grafanasHealthCheckPasses() async throws {
        let loki = try await loki()
        let parameters = GrafanaRequest.encoded([
            "query": "vector(1)+vector(1)", "direction": "backward", "time": "4000000000",
        ])
        let response = try await loki.get("/loki/api/v1/query?" + parameters)
        #expect(response.status == .ok)
        #expect(response.json["data"]?["resultType"]?.string == "vector")
        #expect(response.result.count == 1)
        #expect(response.result.first?["value"]?[1]?.string == "2")
    }

    private func lines(
        _ loki: PocketFixture, _ query: String, _ more: [String: String] = [:], tags: String? = nil
    ) async throws -> Response {
        let parameters = [
            "query": query, "direction": "backward", "limit": "1000", "start": "\(GrafanaRequest.start)",
            "end": "\(GrafanaRequest.end)",
            "step": "2000ms",
        ].merging(more) { $1 }
        var headers: HTTPFields = ["x-loki-response-encoding-flags": "categorize-labels"]
        headers["x-query-tags"] = tags.map { "Source=" + $0 }
        return try await loki.get("/loki/api/v1/query_range?" + GrafanaRequest.encoded(parameters), headers: headers)
    }

    @Test(arguments: [
        #"{service="gateway"}"#, #"{service_namespace="tailspan"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#,
        #"{service="gateway"} |= `line`"#,
    ])
    func aLogQueryAnswersLinesWithTheirLabels(_ query: String) async throws {
        let response = try await lines(try await loki(), query)
        #expect(response.status == .ok, "\(response.text)")
        #expect(response.json["data"]?["resultType"]?.string == "streams")
        #expect(response.json["data"]?["encodingFlags"] == ["categorize-labels"])
        #expect(response.lines.count == 5)
        let stream = try #require(response.result.first)
        #expect(stream["stream"]?["level"]?.string == "info")
        #expect(stream["stream"]?["trace_id"] == nil, "what is no label stands with the line")
        let entry = try #require(stream["values"]?[0])
        #expect(entry[0]?.string.flatMap(UInt64.init) != nil)
        #expect(entry[2]?["structuredMetadata"]?["trace_id"]?.string == GrafanaRequest.traceID)
        #expect(response.json["data"]?["stats"]?["summary"]?.object != nil)
    }

    @Test(arguments: [("backward", ["line 1", "line 0"]), ("forward", ["line 2", "line 3", "line 4"])])
    func theContextOfALineIsAnswered(_ direction: String, _ expected: [String]) async throws {
        let loki = try await loki()
        let at = GrafanaRequest.seconds * 1_000_000_000 + 2_000_000_000
        let twoHours: UInt64 = 7_200_000_000_000
        let range =
            direction == "backward"
            ? ["start": "\(at - twoHours)", "end": "\(at)"] : ["start": "\(at)", "end": "\(at + twoHours)"]
        let response = try await lines(
            loki,
            #"{job="tailspan",level="info",service="gateway",service_name="gateway",service_namespace="tailspan"}"#,
            ["direction": direction, "limit": "50"].merging(range) { $1 })
        let texts = response.lines.compactMap { try? JSONValue(parsing: $0)["message"]?.string }
        #expect(texts == expected)
    }

    @Test func theLogVolumeQueryIsAnswered() async throws {
        let response = try await lines(
            try await loki(),
            #"sum by (level, detected_level) (count_over_time({service="gateway"} | drop __error__[1m]))"#,
            ["step": "60000ms"], tags: "logvolhist")
        #expect(response.status == .ok, "\(response.text)")
        #expect(response.json["data"]?["resultType"]?.string == "matrix")
        #expect(response.json["data"]?["encodingFlags"] == nil)
        #expect(response.result.first?["metric"]?["level"]?.string == "info")
        let counts = (response.result.first?["values"]?.array ?? []).compactMap { $0[1]?.string.flatMap(Double.init) }
        #expect(counts.reduce(0, +) == 5)
    }

    @Test func instantAndRangeMetricQueriesAreAnswered() async throws {
        let loki = try await loki()
        let query = #"sum by (service) (sum_over_time({service="gateway"} | unwrap duration_ms [5m]))"#
        let instant = try await loki.get(
            "/loki/api/v1/query?"
                + GrafanaRequest.encoded([
                    "query": query, "direction": "backward",
                    "time": "\(GrafanaRequest.seconds * 1_000_000_000 + 60_000_000_000)",
                ]))
        #expect(instant.status == .ok, "\(instant.text)")
        #expect(instant.result.first?["value"]?[1]?.string == "10")
        let range = try await lines(loki, query, ["step": "15000ms"])
        #expect(range.result.first?["values"]?.array?.isEmpty == false)
    }

    @Test func labelNamesAndValuesAreCompleted() async throws {
        let loki = try await loki()
        let time = "start=\(GrafanaRequest.start)&end=\(GrafanaRequest.end)"
        let labels = try await loki.get("/loki/api/v1/labels?" + time)
        #expect(labels.json["status"]?.string == "success")
        #expect(labels.json["data"] == ["job", "level", "service", "service_name", "service_namespace"])
        for more in ["", "&query=%7Blevel%3D%22info%22%7D"] {
            let values = try await loki.get("/loki/api/v1/label/service/values?" + time + more)
            #expect(values.json["data"] == ["gateway"])
        }
        let series = try await loki.get(
            "/loki/api/v1/series?match%5B%5D=%7Bservice%3D%22gateway%22%7D&" + time)
        #expect(series.json["data"]?[0]?["level"]?.string == "info")
        let sizes = try await loki.get("/loki/api/v1/index/stats?query=%7Bservice%3D%22gateway%22%7D&" + time)
        for name in ["streams", "chunks", "bytes", "entries"] { #expect(sizes.json[name]?.integer ?? 0 > 0, "\(name)") }
        let info = try await loki.get("/loki/api/v1/status/buildinfo")
        #expect(info.json["version"]?.string?.hasPrefix("3.") == true)
    }

    @Test func anInvalidQueryAnswersItsParseError() async throws {
        let response = try await lines(try await loki(), "{service=}")
        #expect(response.status == .badRequest)
        #expect(response.headers["content-type"]?.hasPrefix("text/plain") == true)
        #expect(response.text.hasPrefix("parse error"))
    }

    /// The pocket stack refuses what it lacks in a form from which Grafana falls back, or which it shows.
    @Test func unsupportedEndpointsAreRefusedInPlainWords() async throws {
        let loki = try await loki()
        let tail = try await loki.get("/loki/api/v1/tail?query=%7Bservice%3D%22gateway%22%7D&limit=1000")
        #expect(tail.status == .notImplemented)
        #expect(tail.text.contains("live tailing is not supported"))
        // Later Grafanas ask this once, and then for the labels.
        let error = await #expect(throws: HTTPError.self) { try await loki.get("/loki/api/v1/detected_labels") }
        #expect(error?.status == .notFound)
    }
}
