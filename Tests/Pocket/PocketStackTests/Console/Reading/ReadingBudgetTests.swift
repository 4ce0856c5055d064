import Encoding
import HTTP
import Testing

@testable import QuerySupport

@Suite("The limits of the console's queries") struct ReadingBudgetTests {
    struct Endpoint: Sendable {
        var path: String
        var parameters: [String: String] = [:]
    }

    /// Every endpoint that reads lines or spans.
    private static let endpoints = [
        Endpoint(path: "lines", parameters: ["summary": "1"]),
        Endpoint(path: "lines", parameters: ["query": #"{service="gateway"} | json"#]), Endpoint(path: "fields"),
        Endpoint(path: "traces"), Endpoint(path: "traces", parameters: ["query": "{ kind = server }"]),
        Endpoint(path: "traces", parameters: ["query": "{} | count() > 0"]), Endpoint(path: "traces/dots"),
        Endpoint(path: "overview"), Endpoint(path: "find", parameters: ["text": "t-9999"]),
        Endpoint(
            path: "around", parameters: ["time": String(ReadingFixture.start), "before": "500", "after": "500"]),
    ]

    /// Fills a store on disk, then opens it with a budget.
    private func run(_ budget: QueryBudget.Limits, _ body: (ReadingFixture) async throws -> Void) async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/pocket.sqlite"
        try await ReadingFixture.run(path: path) { (console) async throws in
            try await console.push(
                (0..<300).map {
                    .init(
                        seconds: Double($0) / 1000, line: #"{"task_id":"t-0123"}"#,
                        metadata: ["trace_id": ReadingFixture.traceID($0 + 1)])
                })
            try await console.push((1...1100).map { ReadingFixture.Span(trace: $0, id: $0, start: $0) })
        }
        try await ReadingFixture.run(path: path, budget: budget, body)
    }

    @Test(arguments: endpoints) func nothingIsReadWithoutTime(endpoint: Endpoint) async throws {
        let folder = TemporaryFolder()
        try await ReadingFixture.run(path: folder.path + "/pocket.sqlite", budget: .init(time: .zero)) {
            (console) async throws in
            let answer = try await console.get("/console/api/" + endpoint.path, endpoint.parameters)
            #expect(answer.status == .serviceUnavailable, "\(answer.text)")
            #expect(answer.json["type"] == "urn:tailspan:problem:too-much")
        }
    }

    @Test(arguments: endpoints.filter { $0.path != "find" })
    func everyEndpointChargesItsMemory(endpoint: Endpoint) async throws {
        try await run(.init(bytes: 10_000)) { (console) async throws in
            let answer = try await console.get("/console/api/" + endpoint.path, endpoint.parameters)
            #expect(answer.status == .unprocessableContent, "\(answer.text)")
            #expect(answer.json["type"] == "urn:tailspan:problem:too-much")
        }
    }

    /// What was counted by then is shown and marked as incomplete, or the request is refused.
    @Test(arguments: endpoints) func everyEndpointChargesItsWork(endpoint: Endpoint) async throws {
        try await run(.init(steps: 4000)) { (console) async throws in
            let answer = try await console.get("/console/api/" + endpoint.path, endpoint.parameters)
            let figures = answer.json["summary"] ?? answer.json
            let isIncomplete = answer.status == .ok && figures["complete"] == false
            #expect(isIncomplete || answer.status == .unprocessableContent, "\(answer.status) \(answer.text)")
        }
    }

    @Test func figuresBeyondTheBudgetAreMarkedAsIncomplete() async throws {
        try await run(.init(steps: 4097)) { (console) async throws in
            let answer = try await console.read("lines", ["summary": "1", "limit": "3"])
            let summary = try #require(answer["summary"])
            let matched = try #require(summary["matched"]?.integer)
            #expect(summary["complete"] == false && (1..<300).contains(matched))
            #expect(answer["lines"]?.array?.count == 3)
            let inBuckets = (summary["buckets"]?.array ?? []).compactMap { $0["info"]?.integer }.reduce(0, +)
            #expect(inBuckets == matched)
        }
    }
}
