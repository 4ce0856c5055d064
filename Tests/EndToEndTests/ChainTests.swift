import Encoding
import HTTP
import Logging
import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Tracing
import Vocabulary

/// One request through all four services, observed through its spans and its lines.
@Suite("A request through the four services") struct ChainTests {
    private static let traceID = "0af7651916cd43dd8448eb211c80319c"
    private static let parentID = "b7ad6b7169203331"

    private func send(
        _ services: FourServices, query: String = "", flags: String = "01", guild: String = "g-1", amount: Int64 = 5
    ) async throws -> HTTPClient.Response {
        let body: JSONValue = [
            "guild_id": .string(guild), "amount": .integer(amount), "workload": ["kind": "sha256", "size": 100],
        ]
        return try await services.client.execute(
            HTTPClient.Request(
                method: .post, url: services.url(.gateway) + "/v1/tasks" + query,
                headers: [
                    "content-type": "application/json",
                    "traceparent": "00-\(Self.traceID)-\(Self.parentID)-\(flags)",
                ], body: Array(body.description.utf8)))
    }

    /// `parent > child` for every span that has its parent among the spans.
    private func edges(_ spans: [SpanData]) -> [String: Int] {
        let byID = Dictionary(spans.map { ($0.context.spanID, $0) }) { first, _ in first }
        var edges: [String: Int] = [:]
        for span in spans {
            let parent = span.parentSpanID.flatMap { byID[$0] }.map { "\($0.kind) \($0.name)" } ?? "caller"
            edges["\(parent) > \(span.kind) \(span.name)", default: 0] += 1
        }
        return edges
    }

    @Test func aSynchronousRequestIsOneTraceAcrossAllFourServices() async throws {
        try await withFourServices { services in
            let answer = try await send(services)
            #expect(answer.status == .created)
            let json = try answer.json()
            #expect(json["state"]?.string == "settled" && json["trace_id"]?.string == Self.traceID)
            try await eventually("all spans ended") { services.spans.spans.count == 16 }
            let spans = services.spans.spans
            #expect(spans.allSatisfy { $0.context.traceID.description == Self.traceID && $0.status == nil })
            #expect(
                edges(spans) == [
                    "caller > server POST /v1/tasks": 1,
                    "server POST /v1/tasks > client POST /v1/tasks": 1,
                    "client POST /v1/tasks > server POST /v1/tasks": 1,
                    "server POST /v1/tasks > client INSERT tasks": 1,
                    "server POST /v1/tasks > client UPDATE tasks": 3,
                    "server POST /v1/tasks > client POST /v1/reservations": 1,
                    "client POST /v1/reservations > server POST /v1/reservations": 1,
                    "server POST /v1/reservations > client INSERT reservations": 1,
                    "server POST /v1/tasks > client POST /v1/executions": 1,
                    "client POST /v1/executions > server POST /v1/executions": 1,
                    "server POST /v1/executions > internal compute sha256": 1,
                    "server POST /v1/tasks > client POST /v1/settlements": 1,
                    "client POST /v1/settlements > server POST /v1/settlements": 1,
                    "server POST /v1/settlements > client UPDATE reservations": 1,
                ])
            let root = try #require(spans.first { $0.parentSpanID?.description == Self.parentID })
            #expect(root.name == "POST /v1/tasks" && root.parentIsRemote)
            expectEveryLineOnASpan(services)
        }
    }

    @Test func anAsynchronousRequestKeepsItsTraceAcrossTheQueue() async throws {
        try await withFourServices { services in
            let answer = try await send(services, query: "?mode=async")
            #expect(answer.status == .accepted)
            try await eventually("settled") {
                services.spans.spans.contains { $0.kind == .consumer }
            }
            try await eventually("all spans ended") { services.spans.spans.count == 18 }
            let edges = edges(services.spans.spans)
            #expect(edges["server POST /v1/tasks > producer send tasks"] == 1)
            #expect(edges["producer send tasks > consumer process tasks"] == 1)
            #expect(edges["consumer process tasks > client POST /v1/reservations"] == 1)
            #expect(services.spans.spans.allSatisfy { $0.context.traceID.description == Self.traceID })
            expectEveryLineOnASpan(services)
        }
    }

    /// The caller did not sample the trace. Nothing is exported, yet every line has the ids and says so.
    @Test func anUnsampledRequestIsLoggedAndNotExported() async throws {
        try await withFourServices { services in
            let answer = try await send(services, flags: "00")
            #expect(answer.status == .created)
            let lines = services.logs.entries.filter { $0.requestID != nil }
            #expect(lines.count >= 8 && lines.allSatisfy { $0.traceID == Self.traceID && $0.spanID != nil })
            #expect(services.spans.spans.isEmpty)
        }
    }

    @Test(arguments: [("g-none", Int64(5), 404), ("g-1", 2_000_000_000_000, 402)])
    func aRefusalReachesTheCallerAndMovesNoMoney(_ guild: String, _ amount: Int64, _ status: Int) async throws {
        try await withFourServices { services in
            let answer = try await send(services, guild: guild, amount: amount)
            #expect(answer.status.code == status)
            #expect(try answer.json()["trace_id"]?.string == Self.traceID)
            try await eventually("two refused calls") {
                services.spans.spans.filter { $0.status?.code == .error }.count == 2
            }
            try await eventually("each has its line") {
                errorDisagreements(services.spans.spans, services.logs.entries).isEmpty
            }
            // What was planned to be refused is nothing that anybody should look at.
            #expect(services.logs.entries.filter { $0.level >= .error }.isEmpty)
            let audit = try await services.client.execute(
                HTTPClient.Request(url: services.url(.payments) + "/v1/integrity"))
            #expect(audit.status == .ok)
            #expect(try audit.json()["held_on_accounts"]?.integer == 0)
        }
    }

    private func expectEveryLineOnASpan(_ services: FourServices) {
        let spans = Set(services.spans.spans.map { $0.context.spanID.description })
        for line in services.logs.entries where line.requestID != nil {
            #expect(line.spanID.map(spans.contains) == true, "\(line.message)")
        }
    }
}
