import Encoding
import HTTP
import Testing

@Suite("The verdict on one trace")
struct VerdictTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    /// What the stores have of a request that the gateway alone handled.
    private struct Stored {
        /// When the span began.
        var start = WallClock.system.now() - 60_000_000_000
        var spanID = span
        var parent: String?
        var isError = false
        var hasSpan = true
        /// Each line as the gateway writes it, with its own fields in the place of the usual ones.
        var lines: [[String: JSONValue]] = [[:]]

        /// Answers Tempo, Loki and the console's own reading API.
        var answer: ControlBench.Answer {
            { request in
                switch request.path {
                case "/api/traces/" + trace: hasSpan ? json(traceJSON) : Response(status: .notFound)
                case "/loki/api/v1/query_range": json(linesJSON(request.queryParameters["query"] ?? ""))
                case "/console/api/lines": json(keysJSON)
                default: nil
                }
            }
        }

        private func json(_ value: JSONValue) -> Response {
            Response(headers: ["content-type": "application/json"], body: Array(value.description.utf8))
        }

        private var traceJSON: JSONValue {
            var span: [(String, JSONValue)] = [
                ("traceId", .string(trace)), ("spanId", .string(spanID)), ("name", "POST /v1/tasks"),
                ("kind", "SPAN_KIND_SERVER"), ("startTimeUnixNano", .string("\(start)")),
                ("endTimeUnixNano", .string("\(start + 9_000_000)")),
                ("status", isError ? ["code": "STATUS_CODE_ERROR"] : [:]),
            ]
            if let parent { span.append(("parentSpanId", .string(parent))) }
            return [
                "batches": [
                    [
                        "resource": [
                            "attributes": [["key": "service.name", "value": ["stringValue": "gateway"]]]
                        ],
                        "scopeSpans": [["spans": [.object(JSONObject(span.map { (name: $0.0, value: $0.1) }))]]],
                    ]
                ]
            ]
        }

        private func fields(_ line: [String: JSONValue]) -> [String: JSONValue] {
            [
                "timestamp": .string(RFC3339.string(nanosecondsSinceEpoch: start + 1_000_000)), "level": "info",
                "service": "gateway", "message": "request completed", "trace_id": .string(trace),
                "span_id": .string(span), "trace_sampled": true, "request_id": "req-1",
            ].merging(line) { $1 }
        }

        private func text(_ line: [String: JSONValue]) -> String {
            JSONValue.object(
                JSONObject(fields(line).sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
            )
            .description
        }

        private func linesJSON(_ query: String) -> JSONValue {
            let wanted = lines.filter { query.contains("request_id=") || fields($0)["trace_id"] == .string(trace) }
            let streams = wanted.map { line -> JSONValue in
                var labels: [(name: String, value: JSONValue)] = [("service_namespace", "tailspan")]
                for (name, value) in fields(line).sorted(by: { $0.key < $1.key }) where name != "timestamp" {
                    labels.append((name, .string(value.string ?? value.description)))
                }
                return [
                    "stream": .object(JSONObject(labels)),
                    "values": [[.string("\(start + 1_000_000)"), .string(text(line))]],
                ]
            }
            return ["data": ["resultType": "streams", "result": .array(streams)]]
        }

        private var keysJSON: JSONValue {
            let lines = lines.enumerated().map { index, line -> JSONValue in
                ["line": .string(text(line)), "key": .string("key-\(index)")]
            }
            return ["lines": .array(lines)]
        }
    }

    private static func verdict(_ change: (inout Stored) -> Void = { _ in }) async throws -> JSONValue {
        var stored = Stored()
        change(&stored)
        var verdict = JSONValue.null
        try await ControlBench.run(stores: stored.answer) { (bench: ControlBench) async throws in
            verdict = try await bench.get("/verdict/" + trace)
        }
        return verdict
    }

    private static func broken(_ verdict: JSONValue) -> [Int64?] {
        (verdict["rules"]?.array ?? []).filter { $0["holds"] == false }.map { $0["number"]?.integer }
    }

    @Test("A whole trace is verified by fourteen rules")
    func aWholeTraceIsVerified() async throws {
        let verdict = try await Self.verdict()
        #expect(verdict["state"] == "verified" && verdict["held"] == 14, "\(verdict)")
        #expect(Self.broken(verdict).isEmpty)
        #expect(verdict["rules"]?[4]?["title"] == "line's span exists" && verdict["rules"]?[4]?["violations"] == [])
    }

    @Test("A violation names its span, or the key of its line")
    func aViolationNamesItsPlace() async throws {
        let failed = try await Self.verdict { $0.isError = true }
        #expect(failed["state"] == "broken" && Self.broken(failed) == [8] && failed["held"] == 13)
        let violation = failed["rules"]?.array?.first { $0["number"] == 8 }?["violations"]?[0]
        #expect(violation?["span"]?.string == Self.span && violation?["line"] == .null)
        let stray = try await Self.verdict { $0.lines.append(["span_id": "00f067aa0ba902b7", "message": "stray"]) }
        #expect(stray["state"] == "broken" && Self.broken(stray) == [6])
        let line = stray["rules"]?.array?.first { $0["number"] == 6 }?["violations"]?[0]
        #expect(line?["line"] == "key-1" && line?["text"] == "the line's span is not in the trace")
    }

    @Test("A line of the request that names another trace is found by its request id")
    func aStrayedLineIsFound() async throws {
        let verdict = try await Self.verdict {
            $0.lines.append(["trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "service": "payments"])
        }
        #expect(verdict["state"] == "broken" && Self.broken(verdict) == [9])
    }

    @Test("What has just happened is not broken yet: spans may be on their way")
    func whatHasJustHappenedIsArriving() async throws {
        // A little ahead, so that it is still fresh on a machine that takes its time.
        let fresh = WallClock.system.now() + 30_000_000_000
        let withoutSpan = try await Self.verdict {
            $0.start = fresh
            $0.hasSpan = false
        }
        #expect(withoutSpan["state"] == "arriving" && withoutSpan["missing"]?.string?.isEmpty == false)
        #expect(try await Self.verdict { $0.start = fresh }["state"] == "verified")
        let lost = try await Self.verdict { $0.hasSpan = false }
        #expect(lost["state"] == "broken" && Self.broken(lost) == [1])
    }

    @Test("A trace that nobody knows has no verdict, and a text that is no id is refused")
    func anUnknownTraceHasNoVerdict() async throws {
        let unknown = try await Self.verdict {
            $0.hasSpan = false
            $0.lines = []
        }
        #expect(unknown == ["state": "unknown", "held": 0, "rules": []])
        try await ControlBench.run { (bench: ControlBench) async throws in
            #expect(try await bench.send(.get, "/verdict/nothing").problem == "invalid-trace")
        }
    }

    @Test("A store that does not answer is said to be unavailable")
    func anAbsentStoreIsSaidToBeUnavailable() async throws {
        let broken: ControlBench.Answer = { _ in Response(status: .internalServerError) }
        try await ControlBench.run(stores: broken) { (bench: ControlBench) async throws in
            let answer = try await bench.send(.get, "/verdict/" + Self.trace)
            #expect(answer.status == .badGateway && answer.problem == "store-unavailable")
        }
    }
}
