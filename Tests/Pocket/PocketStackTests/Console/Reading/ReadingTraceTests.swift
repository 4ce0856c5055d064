import Encoding
import HTTP
import Testing

@testable import QuerySupport

@Suite("The console's trace") struct ReadingTraceTests {
    private typealias Span = ReadingFixture.Span

    @Test func aTraceHasItsSpansWithAllThatTheyHold() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(json: TraceFixture.everything)
            console.clock.advance(seconds: 3600)
            try await console.push([
                .init(
                    seconds: 2951.77, level: "error", line: #"{"message":"boom"}"#,
                    metadata: ["trace_id": TraceFixture.traceID, "span_id": "00f067aa0ba902b7"]),
                .init(seconds: 2951, metadata: ["trace_id": ReadingFixture.traceID(9)]),
            ])
            let trace = try await console.read("trace/" + TraceFixture.traceID)
            #expect(trace["id"]?.string == TraceFixture.traceID && trace["complete"] == true)
            #expect(trace["start"] == "1795193351760487936" && trace["duration"] == 250_000_000)
            #expect(
                trace["resources"] == [
                    ["service.name": "gateway", "service.version": "1.0"], ["service.name": "tasks"],
                ])
            #expect(
                trace["spans"]?.each("id").compactMap(\.string) == [
                    "00f067aa0ba902b7", "53995c3f42cd8ad8", "b9c7c989f97918e1",
                ])
            let root = try #require(trace["spans"]?[0])
            #expect(root["parent"]?.isNull == true && root["service"] == "gateway" && root["scope"] == "tailspan")
            #expect(root["name"] == "GET /v1/tasks/{id}" && root["kind"] == "server" && root["start"] == 0)
            #expect(root["duration"] == 250_000_000 && root["status"] == "error" && root["message"] == "boom")
            #expect(root["own"] == 150_000_000 && root["resource"] == 0)
            #expect(root["critical"] == [[0, 50_000_128], [150_000_128, 99_999_872]])
            #expect(
                root["attributes"]?.description == #"[["http.request.method","GET"],["http.response.status_code",500],"#
                    + #"["ratio",0.5],["cached",false],["list",["a","b"]],["nums",[1,2]],"#
                    + #"["map","{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\"}},"#
                    + #"{\"key\":\"n\",\"value\":{\"intValue\":\"1\"}}]}}"],["raw","0001ff"],["request_id","r-17"],["empty",""]]"#
            )
            #expect(
                root["events"] == [
                    [
                        "name": "exception", "time": 100_000_000,
                        "attributes": [["exception.message", "boom"], ["exception.type", "E"]],
                    ]
                ])
            #expect(
                root["links"] == [
                    [
                        "trace": "0195af3c8d2e4b7f9a6c1e5d70f2b384", "span": "7085d31e4a9fbc26",
                        "attributes": [["why", "retry"]],
                    ]
                ])
            #expect(trace["spans"]?[2]?["parent"] == "53995c3f42cd8ad8" && trace["spans"]?[1]?["resource"] == 1)
            #expect(trace["lines"]?.array?.count == 1 && trace["linesCut"] == false)
            #expect(trace["lines"]?[0]?["message"] == "boom" && trace["lines"]?[0]?["span"] == "00f067aa0ba902b7")
            #expect(trace["lines"]?[0]?["offset"] == 9_512_064)
        }
    }

    @Test func numbersThatJavaScriptCannotHoldAreText() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([Span(attributes: ["big": "9007199254740993", "small": "-9007199254740992"])])
            let span = try await console.read("trace/" + ReadingFixture.traceID(1))["spans"]?[0]
            #expect(span?["attributes"] == [["big", "9007199254740993"], ["small", -9_007_199_254_740_992]])
        }
    }

    @Test func theBeginningOfAnIDIsEnoughIfOnlyOneTraceHasIt() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([Span(trace: 1), Span(trace: 0x12_3456)])
            let id = ReadingFixture.traceID(0x12_3456)
            for prefix in [id, String(id.prefix(14)), id.prefix(14).uppercased()] {
                #expect(try await console.read("trace/" + prefix)["id"]?.string == id, "\(prefix)")
            }
            let several = try await console.get("/console/api/trace/abcd")
            #expect(several.status == .notFound)
            #expect(several.json["candidates"]?.strings == [ReadingFixture.traceID(1), id])
        }
    }

    @Test func aTraceThatIsNotThereIsAProblemThatCountsItsLines() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([
                .init(metadata: ["trace_id": ReadingFixture.traceID(5)]),
                .init(seconds: 1, metadata: ["trace_id": ReadingFixture.traceID(5)]),
                // The same half of the id that the index knows.
                .init(seconds: 2, metadata: ["trace_id": "0000000000000001" + ReadingFixture.traceID(5).suffix(16)]),
            ])
            let answer = try await console.get("/console/api/trace/" + ReadingFixture.traceID(5))
            #expect(answer.status == .notFound && answer.headers["content-type"] == "application/problem+json")
            #expect(answer.json["type"] == "urn:tailspan:problem:no-such-trace" && answer.json["lines"] == 2)
            #expect(answer.json["candidates"] == [])
            for text in ["zz", "abc", "0", String(repeating: "a", count: 33), "%3Cb%3E"] {
                let answer = try await console.get("/console/api/trace/" + text)
                #expect(answer.status == .notFound && answer.json["lines"] == 0, "\(text)")
            }
        }
    }

    @Test func aCycleAndAMissingParentAreShownAsTheyAre() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([
                Span(id: 1, parent: 2, start: 0), Span(id: 2, parent: 1, start: 1), Span(id: 3, parent: 9, start: 2),
            ])
            let trace = try await console.read("trace/" + ReadingFixture.traceID(1))
            #expect(trace["complete"] == false)
            #expect(trace["spans"]?.each("id").compactMap(\.string) == [3, 1, 2].map { Hex.string(UInt64($0)) })
            #expect(trace["spans"]?[0]?["parent"]?.string == Hex.string(9))
        }
    }

    @Test func aTraceOfManySpansAndLinesIsWhole() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(
                (1...5000).map {
                    Span(
                        id: $0, parent: $0 / 2, service: $0 % 2 == 0 ? "gateway" : "tasks", start: $0,
                        duration: 9000 - $0)
                })
            try await console.push(
                (0..<5001).map { .init(seconds: Double($0) / 1000, metadata: ["trace_id": ReadingFixture.traceID(1)]) })
            let trace = try await console.read("trace/" + ReadingFixture.traceID(1))
            #expect(trace["spans"]?.array?.count == 5000 && trace["resources"]?.array?.count == 2)
            #expect(trace["lines"]?.array?.count == 5000 && trace["linesCut"] == true)
            var met: Set = ["0000000000000000"]
            for span in trace["spans"]?.array ?? [] {
                #expect(met.contains(span["parent"]?.string ?? "0000000000000000"))
                met.insert(span["id"]?.string ?? "")
            }
        }
    }

    @Test(arguments: [
        (QueryBudget.Limits(steps: 1), HTTPStatus.unprocessableContent), (.init(bytes: 10_000), .unprocessableContent),
        (.init(time: .zero), .serviceUnavailable),
    ])
    func aTraceBeyondTheBudgetIsRefused(budget: QueryBudget.Limits, status: HTTPStatus) async throws {
        try await ReadingFixture.run(budget: budget) { (console) async throws in
            try await console.push((1...300).map { Span(id: $0) })
            let answer = try await console.get("/console/api/trace/" + ReadingFixture.traceID(1))
            #expect(answer.status == status && answer.json["type"] == "urn:tailspan:problem:too-much")
        }
    }
}
