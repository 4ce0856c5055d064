import Encoding
import HTTP
import Testing

@Suite("Loki and Tempo on the console's port") struct ReadingMountTests {
    @Test func lokiAnswersAsOnItsOwnPort() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([.init(level: "error", line: "a % b"), .init(seconds: -1, line: "c")])
            console.clock.advance(seconds: 1)
            let lines = try await console.get(
                "/loki/api/v1/query_range", ["query": #"{service="gateway"} |= "%""#, "limit": "5"])
            #expect(lines.status == .ok && lines.lines == ["a % b"])
            let sums = try await console.get(
                "/loki/api/v1/query", ["query": #"sum(count_over_time({service="gateway"}[1h]))"#])
            #expect(sums.result.first?["value"]?[1] == "2")
            #expect(try await console.get("/loki/api/v1/labels").json["data"]?.strings.contains("level") == true)
            let values = try await console.get("/loki/api/v1/label/level/values")
            #expect(values.json["data"] == ["error", "info"])
            #expect(
                try await console.get("/loki/api/v1/index/stats", ["query": #"{service="gateway"}"#]).json["entries"]
                    == 2)
            let wrong = try await console.get("/loki/api/v1/query_range", ["query": "{"])
            #expect(wrong.status == .badRequest && wrong.text.hasPrefix("parse error"))
        }
    }

    @Test func tempoAnswersWithoutThePrefix() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([.init(attributes: ["x": "y"])])
            let found = try await console.get("/tempo/api/search", ["q": #"{ .x = "y" }"#])
            #expect(found.json["traces"]?.array?.count == 1)
            let id = ReadingFixture.traceID(1)
            #expect(try await console.get("/tempo/api/traces/" + id).json["batches"]?.array?.count == 1)
            #expect(try await console.get("/tempo/api/v2/traces/" + id).json["trace"] != nil)
            let values = try await console.get("/tempo/api/v2/search/tag/resource.service.name/values")
            #expect(values.json["tagValues"]?.each("value") == ["gateway"])
            let metrics = try await console.get("/tempo/api/metrics/query_range", ["q": "{} | rate()"])
            #expect(metrics.status == .ok)
        }
    }

    @Test func otherPathsAndMethodsAreNotThere() async throws {
        try await ReadingFixture.run { (console) async throws in
            for path in ["/tempo/api/nothing", "/loki/api/v1/nothing", "/loki/api/v1/label/x/y/z"] {
                let answer = try await console.get(path)
                #expect(answer.status == .notFound && answer.json["instance"]?.string == path, "\(path)")
            }
            for path in ["/loki/api/v1/push", "/loki/api/v1/query", "/tempo/api/search"] {
                await #expect(throws: HTTPError.self) { try await console.send(Request(method: .post, uri: path)) }
            }
        }
    }
}
