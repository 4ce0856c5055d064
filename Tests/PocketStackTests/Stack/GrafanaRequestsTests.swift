import Encoding
import HTTP
import OTel
import Testing

@testable import PocketStack

/// What Grafana 12.4 sends to its Loki and Tempo data sources, with the parameters and headers that it sends: each answered
/// in the shape that it reads. The list was made from its source (pkg/tsdb/loki, pkg/tsdb/tempo and the two plugins'
/// front ends).
@Suite struct GrafanaRequestsTests {
    private static let traceID = TraceFixture.traceID
    /// The trace's time, and a range around it as Grafana names it to each store.
    private static let seconds: UInt64 = 1_795_193_351
    private static let start = (seconds - 1800) * 1_000_000_000
    private static let end = (seconds + 1800) * 1_000_000_000

    private func tempo() async throws -> TraceFixture {
        let tempo = try await TraceFixture(clock: WallClock { Self.end })
        #expect(try await tempo.push(json: TraceFixture.everything).status == .ok)
        return tempo
    }

    private func loki() async throws -> PocketFixture {
        let loki = try await PocketFixture(clock: MovableClock(Self.seconds * 1_000_000_000))
        let labels = [
            ("job", "tailspan"), ("service", "gateway"), ("service_name", "gateway"),
            ("service_namespace", "tailspan"), ("level", "info"),
        ]
        let lines = (0..<5).map { number in
            (
                seconds: Double(number), line: #"{"message":"line \#(number)"}"#,
                metadata: [("trace_id", Self.traceID), ("duration_ms", "\(number)")]
            )
        }
        #expect(try await loki.push(labels, lines).status.isSuccess)
        return loki
    }

    /// Go's `url.Values.Encode`: in order of names, a space as a plus sign.
    private func encoded(_ parameters: [String: String]) -> String {
        parameters.sorted { $0.key < $1.key }.map { name, value in
            let value = PercentEncoding.encode(value).replacing("%20", with: "+")
            return PercentEncoding.encode(name) + "=" + value
        }.joined(separator: "&")
    }

    // MARK: Tempo

    @Test func tempoIsHealthy() async throws {
        let tempo = try await tempo()
        let echo = try await tempo.get("/api/echo")
        #expect(echo.status == .ok)
        #expect(echo.text.hasPrefix("echo"))
        let info = try await tempo.get("/api/status/buildinfo")
        #expect(info.json["version"]?.string?.isEmpty == false)
    }

    /// As Grafana reads it: each span's status, each scope and each resource is looked into without a question.
    private func statuses(_ body: [UInt8], isVersion2: Bool) throws -> [Bool] {
        func messages(_ field: Int, _ bytes: [UInt8]) throws -> [[UInt8]] {
            var result: [[UInt8]] = []
            try bytes.withUnsafeBufferPointer { buffer in
                var reader = ProtobufReader(buffer)
                while let number = try reader.nextField() {
                    if number == field { result.append(Array(try reader.bytesView())) } else { try reader.skip() }
                }
            }
            return result
        }
        let traces = isVersion2 ? try messages(1, body) : [body]
        var result: [Bool] = []
        for resource in try traces.flatMap({ try messages(1, $0) }) {
            #expect(try messages(1, resource).count == 1, "a resource")
            for scope in try messages(2, resource) {
                #expect(try messages(1, scope).count == 1, "a scope")
                result += try messages(2, scope).map { try messages(15, $0).count == 1 }
            }
        }
        return result
    }

    @Test(arguments: ["", "?start=1795191551&end=1795195151", "?start=1&end=2"])
    func tempoGivesATraceToDraw(_ window: String) async throws {
        let tempo = try await tempo()
        let accept: HTTPFields = ["accept": "application/protobuf"]
        let response = try await tempo.get("/api/v2/traces/\(Self.traceID)" + window, headers: accept)
        #expect(response.status == .ok)
        #expect(response.headers["content-type"] == "application/protobuf")
        #expect(try statuses(response.body, isVersion2: true) == [true, true, true])
        // Grafana falls back on the first version of the API where there is no second.
        let first = try await tempo.get("/api/traces/\(Self.traceID)" + window, headers: accept)
        #expect(try statuses(first.body, isVersion2: false) == [true, true, true])
    }

    @Test func tempoSaysThatThereIsNoTrace() async throws {
        let tempo = try await tempo()
        let accept: HTTPFields = ["accept": "application/protobuf"]
        let response = try await tempo.get("/api/v2/traces/\(String(repeating: "1", count: 32))", headers: accept)
        #expect(response.status == .ok, "Grafana shows an empty trace, not an error")
        #expect(try statuses(response.body, isVersion2: true).isEmpty)
        let first = try await tempo.get("/api/traces/\(String(repeating: "1", count: 32))", headers: accept)
        #expect(first.status == .notFound)
    }

    @Test(arguments: [
        "{}", #"{resource.service.name="gateway"}"#, #"{ status = error } with (most_recent=true)"#,
        #"{nestedSetParent<0 && kind=server}"#, #"{ trace:id = "4bf92f3577b34da6a3ce929d0e0e4736" }"#,
    ])
    func tempoSearches(_ query: String) async throws {
        let tempo = try await tempo()
        let parameters = encoded([
            "q": query, "limit": "20", "spss": "3", "start": "\(Self.start / 1_000_000_000)",
            "end": "\(Self.end / 1_000_000_000)",
        ])
        let response = try await tempo.get(
            "/api/search?" + parameters, headers: ["accept": "application/json, text/plain, */*"])
        #expect(response.status == .ok, "\(response.text)")
        let trace = try #require(response.json["traces"]?[0])
        #expect(trace["traceID"]?.string == Self.traceID)
        for name in ["rootServiceName", "rootTraceName", "startTimeUnixNano"] {
            #expect(trace[name]?.string?.isEmpty == false, "\(name)")
        }
        #expect(trace["durationMs"]?.integer == 250)
        let span = try #require(trace["spanSets"]?[0]?["spans"]?[0])
        #expect(span["spanID"]?.string?.utf8.count == 16)
        #expect(span["durationNanos"]?.string != nil)
        #expect(response.json["metrics"]?.object != nil)
    }

    @Test func tempoCompletesNames() async throws {
        let tempo = try await tempo()
        let time = "&start=\(Self.start / 1_000_000_000)&end=\(Self.end / 1_000_000_000)"
        for more in ["", time] {
            let tags = try await tempo.get("/api/v2/search/tags?limit=5000" + more)
            #expect(tags.status == .ok)
            let scopes = tags.json["scopes"]?.array ?? []
            let names = scopes.compactMap { $0["name"]?.string }
            for name in ["resource", "span", "intrinsic"] { #expect(names.contains(name)) }
            #expect(scopes.allSatisfy { $0["tags"]?.array?.isEmpty == false })
            for (tag, value) in [
                ("resource.service.name", "gateway"), (".service.name", "tasks"), ("status", "error"),
                ("span.http.request.method", "GET"), ("rootServiceName", "gateway"),
            ] {
                let uri = "/api/v2/search/tag/\(PercentEncoding.encode(tag))/values?limit=5000" + more + "&q=%7B%7D"
                let values = try await tempo.get(uri)
                #expect(values.status == .ok, "\(tag)")
                let all = values.json["tagValues"]?.array ?? []
                #expect(all.contains { $0["value"]?.string == value }, "\(tag): \(values.text)")
                #expect(all.allSatisfy { $0["type"]?.string != nil }, "\(tag)")
            }
        }
    }

    @Test func tempoCounts() async throws {
        let tempo = try await tempo()
        let common = [
            "q": "{} | rate() by (resource.service.name)", "start": "\(Self.start / 1_000_000_000)",
            "end": "\(Self.end / 1_000_000_000)",
        ]
        let accept: HTTPFields = ["accept": "application/json"]
        let range = try await tempo.get(
            "/api/metrics/query_range?" + encoded(common.merging(["step": "15s", "exemplars": "100"]) { $1 }),
            headers: accept)
        #expect(range.status == .ok, "\(range.text)")
        let series = try #require(range.json["series"]?.array)
        #expect(series.count == 2)
        for one in series {
            #expect(one["labels"]?[0]?["key"]?.string == "resource.service.name")
            #expect(one["labels"]?[0]?["value"]?["stringValue"]?.string != nil)
            let samples = try #require(one["samples"]?.array)
            // Numbers of 64 bits are texts in the JSON form of protobuf.
            #expect(samples.allSatisfy { $0["timestampMs"]?.string.flatMap(Int64.init) != nil })
            #expect(samples.contains { ($0["value"]?.double ?? 0) > 0 })
            #expect(one["exemplars"]?[0]?["labels"]?[0]?["key"]?.string == "trace:id")
        }
        let instant = try await tempo.get("/api/metrics/query?" + encoded(common), headers: accept)
        #expect(instant.status == .ok)
        #expect(instant.json["series"]?.array?.count == 2)
        #expect(instant.json["series"]?[0]?["value"]?.double ?? 0 > 0)
        for uri in ["/api/metrics/query_range?", "/api/metrics/query?"] {
            let wrong = try await tempo.get(uri + encoded(common.merging(["q": "{ | rate()"]) { $1 }), headers: accept)
            #expect(wrong.status == .badRequest, "Grafana shows the text of a 400")
            #expect(!wrong.text.isEmpty)
        }
    }

    // MARK: Loki

    @Test func lokiIsHealthy() async throws {
        let loki = try await loki()
        let parameters = encoded([
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
            "query": query, "direction": "backward", "limit": "1000", "start": "\(Self.start)", "end": "\(Self.end)",
            "step": "2000ms",
        ].merging(more) { $1 }
        var headers: HTTPFields = ["x-loki-response-encoding-flags": "categorize-labels"]
        headers["x-query-tags"] = tags.map { "Source=" + $0 }
        return try await loki.get("/loki/api/v1/query_range?" + encoded(parameters), headers: headers)
    }

    @Test(arguments: [
        #"{service="gateway"}"#, #"{service_namespace="tailspan"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#,
        #"{service="gateway"} |= `line`"#,
    ])
    func lokiGivesLinesAndWhatIsKnownOfThem(_ query: String) async throws {
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
        #expect(entry[2]?["structuredMetadata"]?["trace_id"]?.string == Self.traceID)
        #expect(response.json["data"]?["stats"]?["summary"]?.object != nil)
    }

    @Test(arguments: [("backward", ["line 1", "line 0"]), ("forward", ["line 2", "line 3", "line 4"])])
    func lokiGivesTheContextOfALine(_ direction: String, _ expected: [String]) async throws {
        let loki = try await loki()
        let at = Self.seconds * 1_000_000_000 + 2_000_000_000
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

    @Test func lokiDrawsTheVolumeOfLines() async throws {
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

    @Test func lokiCounts() async throws {
        let loki = try await loki()
        let query = #"sum by (service) (sum_over_time({service="gateway"} | unwrap duration_ms [5m]))"#
        let instant = try await loki.get(
            "/loki/api/v1/query?"
                + encoded([
                    "query": query, "direction": "backward", "time": "\(Self.seconds * 1_000_000_000 + 60_000_000_000)",
                ]))
        #expect(instant.status == .ok, "\(instant.text)")
        #expect(instant.result.first?["value"]?[1]?.string == "10")
        let range = try await lines(loki, query, ["step": "15000ms"])
        #expect(range.result.first?["values"]?.array?.isEmpty == false)
    }

    @Test func lokiCompletesNames() async throws {
        let loki = try await loki()
        let time = "start=\(Self.start)&end=\(Self.end)"
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

    @Test func lokiSaysWhatIsWrongWithAQuery() async throws {
        let response = try await lines(try await loki(), "{service=}")
        #expect(response.status == .badRequest)
        #expect(response.headers["content-type"]?.hasPrefix("text/plain") == true)
        #expect(response.text.hasPrefix("parse error"))
    }

    /// What the pocket stack does not have it refuses in a way that Grafana falls back from, or shows.
    @Test func refusesPlainlyWhatItDoesNotHave() async throws {
        let loki = try await loki()
        let tail = try await loki.get("/loki/api/v1/tail?query=%7Bservice%3D%22gateway%22%7D&limit=1000")
        #expect(tail.status == .notImplemented)
        #expect(tail.text.contains("live tailing is not supported"))
        // Later Grafanas ask this once, and then for the labels.
        #expect(try await loki.get("/loki/api/v1/detected_labels").status == .notFound)
    }
}
