import Encoding
import FaultRules
import HTTP
import Testing
import Vocabulary

@testable import PocketConsole

@Suite("The console's overview") struct ReadingOverviewTests {
    private typealias Span = ReadingFixture.Span

    private static func range(_ from: Int, _ to: Int) -> [String: String] {
        [
            "from": String(ReadingFixture.start + UInt64(from) * ReadingFixture.second),
            "to": String(ReadingFixture.start + UInt64(to) * ReadingFixture.second),
        ]
    }

    private func service(_ name: String, _ answer: JSONValue) -> JSONValue? {
        answer["services"]?.array?.first { $0["name"]?.string == name }
    }

    @Test func requestsAreCountedPerServiceOverTime() async throws {
        try await ReadingFixture.run { (console) async throws in
            // 100 requests in the first minute, of 1 to 100 ms; 2 in the second, one of them failed.
            try await console.push((1...100).map { Span(trace: $0, id: $0, start: $0 * 100, duration: $0) })
            try await console.push([
                Span(trace: 101, id: 101, start: 61_000, duration: 5, status: 2),
                Span(trace: 102, id: 102, start: 62_000, duration: 7),
                // Neither a request nor one of this range.
                Span(trace: 103, id: 103, kind: 3, start: 63_000), Span(trace: 104, id: 104, start: 121_000),
                Span(trace: 105, id: 105, service: "executor", kind: 5, start: 30_000, duration: 9),
            ])
            let answer = try await console.read("overview", Self.range(0, 120).merging(["buckets": "2"]) { $1 })
            #expect(answer["start"]?.string == String(ReadingFixture.start) && answer["step"] == 60_000_000_000)
            #expect(answer["services"]?.each("name").compactMap(\.string) == ["executor", "gateway"])
            let gateway = try #require(service("gateway", answer))
            #expect(gateway["requests"] == [100, 2] && gateway["errors"] == [0, 1])
            #expect(gateway["p50"] == [50_000_000, 5_000_000] && gateway["p95"] == [95_000_000, 7_000_000])
            #expect(gateway["p99"] == [99_000_000, 7_000_000])
            #expect(
                gateway["minute"]
                    == ["requests": 2, "errors": 1, "p50": 5_000_000, "p95": 7_000_000, "p99": 7_000_000])
            let executor = try #require(service("executor", answer))
            #expect(executor["requests"] == [1, 0] && executor["p50"] == [9_000_000, nil])
            #expect(executor["minute"] == ["requests": 0, "errors": 0, "p50": nil, "p95": nil, "p99": nil])
        }
    }

    @Test func edgesAreTheCallsOfTheLastMinute() async throws {
        try await ReadingFixture.run { (console) async throws in
            func call(_ number: Int, at start: Int, _ duration: Int, callFails: Bool, requestFails: Bool) -> [Span] {
                let id = number * 10
                return [
                    Span(trace: number, id: id, start: start, duration: 500),
                    Span(
                        trace: number, id: id + 1, parent: id, kind: 3, start: start + 1, duration: duration,
                        status: callFails ? 2 : 0),
                    Span(
                        trace: number, id: id + 2, parent: id + 1, service: "tasks", start: start + 2, duration: 1,
                        status: requestFails ? 2 : 0),
                    // A call within the service is no edge.
                    Span(trace: number, id: id + 3, parent: id + 2, service: "tasks", start: start + 2, duration: 1),
                ]
            }
            try await console.push(call(1, at: 10_000, 300, callFails: true, requestFails: true))
            try await console.push(call(2, at: 70_000, 10, callFails: false, requestFails: false))
            try await console.push(call(3, at: 71_000, 20, callFails: true, requestFails: false))
            try await console.push(call(4, at: 72_000, 30, callFails: false, requestFails: true))
            try await console.push([
                // A message: its consumer's time counts, and only its consumer's failure.
                Span(trace: 5, id: 50, service: "tasks", kind: 4, start: 80_000, duration: 1, status: 2),
                Span(trace: 5, id: 51, parent: 50, service: "executor", kind: 5, start: 80_100, duration: 40),
                // Calls that reached nobody: of a service, and of a database.
                Span(
                    trace: 6, id: 60, kind: 3, start: 81_000, duration: 2, status: 2,
                    attributes: ["service.peer.name": "payments"]),
                Span(trace: 6, id: 61, kind: 3, start: 81_000, duration: 2, status: 2),
            ])
            let answer = try await console.read("overview", Self.range(0, 120))
            #expect(
                answer["edges"] == [
                    ["from": "gateway", "to": "payments", "calls": 1, "errors": 1, "p95": 2_000_000],
                    ["from": "gateway", "to": "tasks", "calls": 3, "errors": 2, "p95": 30_000_000],
                    ["from": "tasks", "to": "executor", "calls": 1, "errors": 0, "p95": 40_000_000],
                ])
        }
    }

    @Test func linesAreCountedByLevelOverTime() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(
                (0..<20).map { .init(seconds: Double($0), level: $0 % 5 == 0 ? "error" : "info", line: "line \($0)") })
            try await console.push([
                .init(seconds: 11, level: nil, line: "level=error odd"),
                .init(seconds: 12, level: nil, line: "level=debug"),
                .init(seconds: 25, line: "outside"),
            ])
            let answer = try await console.read("overview", Self.range(0, 20).merging(["buckets": "2"]) { $1 })
            #expect(answer["levels"] == ["debug": 1, "error": 5, "info": 16])
            #expect(answer["lines"] == [["error": 2, "info": 8], ["debug": 1, "error": 3, "info": 8]])
            #expect(
                answer["lastErrors"]?.each("message").compactMap(\.string)
                    == ["line 15", "level=error odd", "line 10", "line 5", "line 0"])
        }
    }

    @Test func theLastErrorsAndTheSlowestTracesAreEight() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push((0..<12).map { .init(seconds: Double($0), level: "fatal", line: "\($0)") })
            try await console.push((1...12).map { Span(trace: $0, id: $0, start: $0 * 1000, duration: ($0 * 5) % 13) })
            let answer = try await console.read("overview")
            #expect(answer["lastErrors"]?.each("message").compactMap(\.string) == (4...11).reversed().map(String.init))
            let durations = answer["slowest"]?.each("duration").compactMap(\.integer) ?? []
            #expect(durations == (5...12).reversed().map { $0 * 1_000_000 })
            #expect(answer["slowest"]?[0]?["services"]?[0]?["name"] == "gateway" && answer["complete"] == true)
        }
    }

    @Test func anEmptyStoreHasNoFigures() async throws {
        try await ReadingFixture.run { (console) async throws in
            for parameters in [[:], Self.range(0, 60)] {
                let answer = try await console.read("overview", parameters)
                for name in ["services", "edges", "lastErrors", "slowest", "faultChanges"] {
                    #expect(answer[name] == [], "\(name)")
                }
                #expect(answer["levels"] == [:])
            }
            #expect(try await console.get("/console/api/overview", ["buckets": "0"]).status == .badRequest)
        }
    }

    // MARK: Parts

    @Test func aPercentileIsAValueByItsNearestRank() {
        #expect(Rank.p50.value(of: []) == nil)
        #expect(Rank.allCases.map { $0.value(of: [7]) } == [7, 7, 7])
        #expect(Rank.allCases.map { $0.value(of: Array(1...10)) } == [5, 10, 10])
        #expect(Rank.allCases.map { $0.value(of: Array(1...200)) } == [100, 190, 198])
    }

    @Test func stepsCoverTheRange() {
        func steps(_ from: Int64?, _ to: Int64?, _ count: Int) -> ReadingSteps {
            ReadingRange(from: from, to: to).steps(count, from: 100, through: 199)
        }
        #expect(steps(nil, nil, 10) == ReadingSteps(start: 100, step: 10, count: 10))
        #expect(steps(0, 25, 10) == ReadingSteps(start: 0, step: 3, count: 9))
        #expect(steps(0, 3, 10) == ReadingSteps(start: 0, step: 1, count: 3))
        #expect(steps(nil, 50, 10) == ReadingSteps(start: 50, step: 1, count: 1))
        #expect(steps(300, nil, 10) == ReadingSteps(start: 300, step: 1, count: 1))
        #expect(steps(0, .max, 2).count == 2)
        let some = steps(0, 25, 10)
        #expect([-5, 0, 2, 3, 24, 99].map { some.index(of: $0) } == [0, 0, 0, 1, 8, 8])
    }
}
