import Encoding
import HTTP
import Testing
import Verification

/// A log store of made-up lines that pages as Loki does.
private func loki(_ times: [UInt64], pageSize: Int) -> (LokiClient, FakeTransport) {
    let transport = FakeTransport { request in
        let query = request.query
        let start = UInt64(query["start"] ?? "") ?? 0
        let end = UInt64(query["end"] ?? "") ?? 0
        let limit = Int(query["limit"] ?? "") ?? 100
        let isForward = query["direction"] == "forward"
        var found = times.enumerated().filter { $0.element >= start && $0.element < end }
        found.sort { isForward ? $0.element < $1.element : $0.element > $1.element }
        return .init(
            .ok,
            answer(
                streams: found.prefix(limit).map {
                    (["service": $0.offset % 2 == 0 ? "a" : "b"], $0.element, "line \($0.offset)")
                }))
    }
    return (LokiClient(baseURL: "http://loki:3100", transport: transport, pageSize: pageSize), transport)
}

private func answer(streams: [([String: String], UInt64, String)]) -> String {
    var json = JSONWriter()
    json.object {
        $0.member("status", "success")
        $0.name("data")
        $0.object {
            $0.member("resultType", "streams")
            $0.name("result")
            $0.array {
                for (labels, time, line) in streams {
                    $0.object {
                        $0.name("stream")
                        $0.object { for (name, value) in labels { $0.member(name, value) } }
                        $0.name("values")
                        $0.array {
                            $0.array {
                                $0.value(String(time))
                                $0.value(line)
                            }
                        }
                    }
                }
            }
        }
    }
    return json.string
}

@Suite("The client of Loki") struct LokiClientTests {
    @Test func streamsAreReadAsRecords() async throws {
        let body = #"""
            {"status":"success","data":{"resultType":"streams","result":[
            {"stream":{"service":"gateway","detected_level":"info","trace_id":"ab"},"values":[["20","second"],["10","first"]]},
            {"stream":{"service":"tasks"},"values":[["15","{\"message\":\"hi\",\"level\":\"error\"}",
            {"structuredMetadata":{"trace_id":"cd"},"parsed":{"x":"y"}}]]}],"stats":{}}}
            """#
        let transport = FakeTransport { _ in .init(.ok, body) }
        let loki = LokiClient(baseURL: "http://loki:3100", transport: transport)
        let lines = try await loki.lines(traceID: "ab", in: 5..<30)
        #expect(lines.map(\.timestampNS) == [10, 15, 20])
        #expect(lines.map(\.message) == ["first", "hi", "second"])
        #expect(lines.map(\.traceID) == ["ab", "cd", "ab"])
        #expect(lines.map(\.level) == ["info", "error", "info"])
        #expect(lines[1].labels == ["service": "tasks", "trace_id": "cd", "x": "y"])
        let asked = try #require(transport.requests.first)
        #expect(asked.url.hasPrefix("http://loki:3100/loki/api/v1/query_range?"))
        #expect(asked.query["query"] == #"{service_name=~".+"} | trace_id="ab""#)
        #expect(asked.query["start"] == "5")
        #expect(asked.query["end"] == "30")
        #expect(asked.query["limit"] == "5000")
        #expect(asked.query["direction"] == "forward")
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func pagesAreReadWithoutLossOrRepetition(_ limit: Int) async throws {
        // Several lines share a moment, also where a page ends.
        let times: [UInt64] = [1, 2, 2, 3, 5, 5, 5, 8, 9, 9, 10, 30]
        let pageSize = max(limit, 4)
        let (forward, _) = loki(times, pageSize: pageSize)
        let all = try await forward.lines("{}", in: 0..<30)
        #expect(all.map(\.message) == (0..<11).map { "line \($0)" })
        let oldest = try await forward.lines("{}", in: 0..<30, limit: limit)
        #expect(oldest.map(\.timestampNS) == Array(times.prefix(11).prefix(limit)))
        let newest = try await forward.lines("{}", in: 0..<30, limit: limit, direction: .backward)
        #expect(newest.map(\.timestampNS) == Array(times.prefix(11).suffix(limit)))
    }

    @Test func aTimestampThatFillsAPageIsAnError() async throws {
        let (client, _) = loki([1, 2, 2, 2, 2, 3], pageSize: 3)
        let error = await #expect(throws: BackendError.self) { try await client.lines("{}", in: 0..<9) }
        #expect(error?.description.contains("more than 3 lines of one moment") == true)
    }

    @Test func anEmptyRangeSendsNoRequest() async throws {
        let (client, transport) = loki([1], pageSize: 3)
        #expect(try await client.lines("{}", in: 4..<4).isEmpty)
        #expect(transport.requests.isEmpty)
    }

    @Test(arguments: [
        (HTTPStatus.badRequest, "parse error : unexpected IDENTIFIER", "answered 400: parse error"),
        (.ok, "no", "cannot be read"),
        (.ok, #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#, "type streams"),
        (
            .ok, #"{"data":{"resultType":"streams","result":[{"stream":{},"values":[["x","l"]]}]}}"#,
            "a time in nanoseconds"
        ),
    ])
    func aFailedQueryIsReportedWithItsCause(_ status: HTTPStatus, _ body: String, _ message: String) async throws {
        let client = LokiClient(baseURL: "http://loki:3100", transport: FakeTransport { _ in .init(status, body) })
        let error = await #expect(throws: BackendError.self) { try await client.lines("{}", in: 0..<9) }
        #expect(error?.description.contains(message) == true)
    }
}
