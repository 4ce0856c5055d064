import Encoding
import HTTP
import OTLP
import Testing

/// Each request that Grafana sends to Tempo is answered in the shape that Grafana reads.
@Suite("Grafana's requests to Tempo") struct GrafanaTempoRequestsTests {
    private func tempo() async throws -> TraceFixture {
        let tempo = try await TraceFixture(clock: WallClock { GrafanaRequest.end })
        #expect(try await tempo.push(json: TraceFixture.everything).status == .ok)
        return tempo
    }

    @Test func grafanasHealthCheckPasses() async throws {
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
    func aTraceIsAnsweredAsProtobuf(_ window: String) async throws {
        let tempo = try await tempo()
        let accept: HTTPFields = ["accept": "application/protobuf"]
        let response = try await tempo.get("/api/v2/traces/\(GrafanaRequest.traceID)" + window, headers: accept)
        #expect(response.status == .ok)
        #expect(response.headers["content-type"] == "application/protobuf")
        #expect(try statuses(response.body, isVersion2: true) == [true, true, true])
        // Grafana falls back on the first version of the API where there is no second.
        let first = try await tempo.get("/api/traces/\(GrafanaRequest.traceID)" + window, headers: accept)
        #expect(try statuses(first.body, isVersion2: false) == [true, true, true])
    }

    /// Protobuf omits empty messages: this span has only its ids, its name and its times.
    @Test func missingResourceAndStatusAreFilledIn() async throws {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(content.count)] + content
        }
        func time(_ number: UInt8, _ nanoseconds: UInt64) -> [UInt8] {
            [number << 3 | 1] + withUnsafeBytes(of: nanoseconds.littleEndian) { Array($0) }
        }
        let id = [UInt8](repeating: 0xAB, count: 16)
        let start = GrafanaRequest.seconds * 1_000_000_000
        let span =
            field(1, id) + field(2, Array(id.prefix(8))) + field(5, Array("bare".utf8)) + time(7, start)
            + time(8, start + 1000)
        let tempo = try await tempo()
        let pushed = try await tempo.push(field(1, field(2, field(2, span))), type: "application/x-protobuf")
        #expect(pushed.status == .ok)
        let response = try await tempo.get(
            "/api/v2/traces/\(String(repeating: "ab", count: 16))", headers: ["accept": "application/protobuf"])
        #expect(try statuses(response.body, isVersion2: true) == [true])
    }

    @Test func anUnknownTraceAnswersAnEmptyTrace() async throws {
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
        #"{ kind = server && duration > 1ms }"#, #"{ trace:id = "4bf92f3577b34da6a3ce929d0e0e4736" }"#,
    ])
    func aSearchAnswersTracesAndSpans(_ query: String) async throws {
        let tempo = try await tempo()
        let parameters = GrafanaRequest.encoded([
            "q": query, "limit": "20", "spss": "3", "start": "\(GrafanaRequest.start / 1_000_000_000)",
            "end": "\(GrafanaRequest.end / 1_000_000_000)",
        ])
        let response = try await tempo.get(
            "/api/search?" + parameters, headers: ["accept": "application/json, text/plain, */*"])
        #expect(response.status == .ok, "\(response.text)")
        let trace = try #require(response.json["traces"]?[0])
        #expect(trace["traceID"]?.string == GrafanaRequest.traceID)
        for name in ["rootServiceName", "rootTraceName", "startTimeUnixNano"] {
            #expect(trace[name]?.string?.isEmpty == false, "\(name)")
        }
        #expect(trace["durationMs"]?.integer == 250)
        let span = try #require(trace["spanSets"]?[0]?["spans"]?[0])
        #expect(span["spanID"]?.string?.utf8.count == 16)
        #expect(span["durationNanos"]?.string != nil)
        #expect(response.json["metrics"]?.object != nil)
    }

    @Test func tagNamesAndValuesAreCompleted() async throws {
        let tempo = try await tempo()
        let time = "&start=\(GrafanaRequest.start / 1_000_000_000)&end=\(GrafanaRequest.end / 1_000_000_000)"
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

    @Test func instantAndRangeMetricQueriesAreAnswered() async throws {
        let tempo = try await tempo()
        let common = [
            "q": "{} | rate() by (resource.service.name)", "start": "\(GrafanaRequest.start / 1_000_000_000)",
            "end": "\(GrafanaRequest.end / 1_000_000_000)",
        ]
        let accept: HTTPFields = ["accept": "application/json"]
        let range = try await tempo.get(
            "/api/metrics/query_range?"
                + GrafanaRequest.encoded(common.merging(["step": "15s", "exemplars": "100"]) { $1 }),
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
        }
        #expect(series.contains { $0["exemplars"]?[0]?["labels"]?[0]?["key"]?.string == "trace:id" })
        let instant = try await tempo.get("/api/metrics/query?" + GrafanaRequest.encoded(common), headers: accept)
        #expect(instant.status == .ok)
        #expect(instant.json["series"]?.array?.count == 2)
        #expect(instant.json["series"]?[0]?["value"]?.double ?? 0 > 0)
        for uri in ["/api/metrics/query_range?", "/api/metrics/query?"] {
            let wrong = try await tempo.get(
                uri + GrafanaRequest.encoded(common.merging(["q": "{ | rate()"]) { $1 }), headers: accept)
            #expect(wrong.status == .badRequest, "Grafana shows the text of a 400")
            #expect(!wrong.text.isEmpty)
        }
    }
}
