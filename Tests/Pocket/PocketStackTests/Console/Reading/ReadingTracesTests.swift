import Encoding
import HTTP
import Testing

@Suite("The console's list of traces") struct ReadingTracesTests {
    private typealias Span = ReadingFixture.Span

    private func ids(_ answer: JSONValue) -> [Int] {
        (answer["traces"]?.each("id") ?? []).compactMap { $0.string.flatMap { Int($0.suffix(4), radix: 16) } }
    }

    /// Ten traces, one a second, of growing duration; every third has an error in its second service.
    private static let spans = (1...10).flatMap(trace)

    private static func trace(_ number: Int) -> [Span] {
        let (id, start, isFailed) = (10 * number, number * 1000, number % 3 == 0)
        let root = Span(
            trace: number, id: id, start: start, duration: 100 + number,
            attributes: ["http.response.status_code": isFailed ? "502" : "202"])
        let request = Span(
            trace: number, id: id + 1, parent: id, service: "tasks", name: "POST /tasks", start: start + 10,
            duration: 40, status: isFailed ? 2 : 0)
        let statement = Span(
            trace: number, id: id + 2, parent: id + 1, service: "tasks", name: "INSERT", kind: 3, start: start + 20,
            duration: 10, status: number == 6 ? 2 : 0)
        return [root, request, statement]
    }

    private static func time(_ milliseconds: Int) -> String {
        String(ReadingFixture.start + UInt64(milliseconds) * 1_000_000)
    }

    @Test func aTraceIsShownWithItsEntryAndItsServices() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.spans)
            let answer = try await console.read("traces", ["offset": "4", "limit": "1"])
            #expect(
                answer == [
                    "traces": [
                        [
                            "id": .string(ReadingFixture.traceID(6)), "start": .string(Self.time(6000)),
                            "duration": 106_000_000, "service": "gateway", "name": "GET /v1/tasks", "status": 502,
                            "error": true, "spans": 3, "errors": 2,
                            "services": [
                                ["name": "gateway", "spans": 1, "errors": 0, "own": 66_000_000],
                                ["name": "tasks", "spans": 2, "errors": 2, "own": 40_000_000],
                            ],
                        ]
                    ], "matched": 10, "stored": 10, "slowest": 110_000_000, "complete": true,
                ])
        }
    }

    @Test(arguments: [
        ("newest", [10, 9, 8, 7]), ("slowest", [10, 9, 8, 7]), ("errors", [6, 9, 3, 10]),
    ])
    func tracesComeInTheOrderThatIsAsked(order: String, expected: [Int]) async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.spans.shuffled())
            let answer = try await console.read("traces", ["order": order, "limit": "4"])
            #expect(ids(answer) == expected)
            let rest = try await console.read("traces", ["order": order, "offset": "2", "limit": "2"])
            #expect(ids(rest) == Array(expected[2...]))
        }
    }

    @Test func theSlowestComeFirstWhateverTheirTime() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push((1...5).map { Span(trace: $0, start: $0 * 1000, duration: ($0 * 7) % 5 + 1) })
            #expect(ids(try await console.read("traces", ["order": "slowest"])) == [2, 4, 1, 3, 5])
        }
    }

    @Test(arguments: [
        ("{}", 10), ("{ status = error }", 3),
        (#"{ resource.service.name = "tasks" && name = "INSERT" && status = error }"#, 1),
        ("{ span.http.response.status_code >= 500 }", 3), ("{ duration > 105ms }", 5),
        // These depend on the whole trace.
        ("{ traceDuration > 105ms && status = error }", 2), ("{ status = error } | count() > 1", 1),
        (#"{ resource.service.name = "gateway" } && { status = error }"#, 3), (#"{ name = "nothing" }"#, 0),
    ])
    func aQueryChoosesTraces(query: String, matched: Int64) async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.spans)
            let list = try await console.read("traces", ["query": query])
            #expect(list["matched"]?.integer == matched && list["stored"] == 10)
            #expect(list["traces"]?.array?.count == Int(matched))
            let dots = try await console.read("traces/dots", ["query": query])
            #expect(dots["matched"]?.integer == matched && dots["dots"]?.array?.count == Int(matched))
        }
    }

    @Test func aTraceBelongsToTheRangeInWhichItBegins() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.spans)
            // The trace 3 begins before the range, and goes on in it; 5 begins in it and goes on after it.
            let range = ["from": Self.time(3005), "to": Self.time(5005)]
            for query in ["{}", "{ kind = client }", "{} | count() > 1"] {
                let answer = try await console.read("traces", range.merging(["query": query]) { $1 })
                #expect(ids(answer) == [5, 4], "\(query)")
                #expect(answer["stored"] == 2 && answer["slowest"] == 105_000_000)
            }
            #expect(ids(try await console.read("traces", ["from": Self.time(4000), "to": Self.time(5000)])) == [4])
        }
    }

    @Test func aDotHasItsOffsetItsDurationAndWhetherItFailed() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.spans)
            let answer = try await console.read("traces/dots", ["from": Self.time(1500), "to": Self.time(3500)])
            #expect(answer["from"]?.string == Self.time(1500))
            #expect(
                answer["dots"] == [
                    [.string(ReadingFixture.traceID(2)), 500_000, 102_000_000, 0],
                    [.string(ReadingFixture.traceID(3)), 1_500_000, 103_000_000, 1],
                ])
            let all = try await console.read("traces/dots")
            #expect(all["from"]?.string == Self.time(1000) && all["dots"]?[0]?[1] == 0)
        }
    }

    @Test func thereAreAtMostTenThousandDotsTheNewest() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push((1...10_050).map { Span(trace: $0, id: $0, start: $0) })
            let answer = try await console.read("traces/dots")
            #expect(answer["matched"] == 10_050 && answer["dots"]?.array?.count == 10_000)
            #expect(answer["dots"]?[0]?[0]?.string == ReadingFixture.traceID(51))
        }
    }

    @Test func aTraceWithoutARootIsShownByItsFirstSpan() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([
                Span(id: 2, parent: 1, service: "tasks", name: "first", start: 5),
                Span(id: 3, parent: 2, service: "executor", name: "second", start: 6),
            ])
            let trace = try await console.read("traces")["traces"]?[0]
            #expect(trace?["service"] == "tasks" && trace?["name"] == "first" && trace?["status"]?.isNull == true)
        }
    }

    @Test func anEmptyStoreHasNoTraces() async throws {
        try await ReadingFixture.run { (console) async throws in
            #expect(
                try await console.read("traces")
                    == ["traces": [], "matched": 0, "stored": 0, "slowest": 0, "complete": true])
            #expect(try await console.read("traces/dots") == ["from": "0", "dots": [], "matched": 0, "complete": true])
        }
    }

    @Test(arguments: [("order", "oldest"), ("limit", "501"), ("offset", "-1"), ("from", "1.5")])
    func aParameterThatCannotBeReadIsNamed(name: String, value: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get("/console/api/traces", [name: value])
            #expect(answer.status == .badRequest)
            #expect(answer.json["detail"]?.string?.hasPrefix(name + ": expected ") == true)
        }
    }
}
