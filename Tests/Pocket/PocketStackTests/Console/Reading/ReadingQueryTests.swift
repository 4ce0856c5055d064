import Encoding
import HTTP
import Testing

@testable import PocketConsole
@testable import QuerySupport

@Suite("Queries that cannot be read") struct ReadingQueryTests {
    @Test(arguments: [
        (#"{service="gateway"} |= settlements"#, 24, #"{service="gateway"} |= "settlements""#),
        (
            #"{service="gateway"} |= request completed | json"#, 24,
            #"{service="gateway"} |= "request completed" | json"#
        ),
        (#"{service="gateway"} |= "settle"#, 24, #"{service="gateway"} |= "settle""#),
        (#"{service="gateway"} |= "settle | json"#, 24, #"{service="gateway"} |= "settle" | json"#),
        (#"{service=gateway}"#, 10, #"{service="gateway"}"#),
        (#"{service=gateway, level=error} |= "x""#, 10, #"{service="gateway", level="error"} |= "x""#),
        (#"{service="gateway"}  | level=error"#, 30, #"{service="gateway"}  | level="error""#),
        (#"{service="gateway""#, 19, #"{service="gateway"}"#),
        (#"{service="gateway" |= "x""#, 20, #"{service="gateway"} |= "x""#),
        (#"{service="gateway"#, 10, #"{service="gateway"}"#),
        (#"{service="gateway} |= "x""#, 25, #"{service="gateway"} |= "x""#),
        (#"{service=="gateway"}"#, 9, #"{service="gateway"}"#),
        (#"{service='gateway'}"#, 10, #"{service="gateway"}"#),
        ("settlements failed", 1, #"{service_name=~".+"} |= "settlements failed""#),
    ])
    func aQueryForLinesGetsItsPlaceAndAMendedOne(query: String, column: Int, mended: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get("/console/api/lines", ["query": query])
            #expect(answer.status == .badRequest)
            #expect(answer.json["type"] == "urn:tailspan:problem:invalid-query")
            #expect(answer.json["line"] == 1 && answer.json["column"]?.integer == Int64(column), "\(answer.text)")
            #expect(answer.json["suggestion"]?.string == mended)
        }
    }

    @Test(arguments: [
        ("{ status = error", 17, "{ status = error}"),
        ("{ name = settle }", 10, #"{ name = "settle" }"#),
        (
            "{ resource.service.name = payments && status = error }", 27,
            #"{ resource.service.name = "payments" && status = error }"#
        ),
        (#"{ name = "settle }"#, 19, #"{ name = "settle" }"#),
        (#"{ name = "settle"#, 17, #"{ name = "settle"}"#),
        ("{ status == error }", 11, "{ status = error }"),
        ("{ status = error and kind = server }", 18, "{ status = error && kind = server }"),
        ("status = error", 1, "{ status = error }"),
    ])
    func aQueryForTracesGetsItsPlaceAndAMendedOne(query: String, column: Int, mended: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            for path in ["traces", "traces/dots"] {
                let answer = try await console.get("/console/api/" + path, ["query": query])
                #expect(answer.status == .badRequest)
                #expect(answer.json["line"] == 1 && answer.json["column"]?.integer == Int64(column), "\(answer.text)")
                #expect(answer.json["suggestion"]?.string == mended)
            }
        }
    }

    @Test func aMistakeInALaterLineIsFoundThere() async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get("/console/api/lines", ["query": "{service=\"gateway\"}\n  |= settle"])
            #expect(answer.json["line"] == 2 && answer.json["column"] == 6)
            #expect(answer.json["suggestion"] == "{service=\"gateway\"}\n  |= \"settle\"")
        }
    }

    @Test func aSelectorOfEverythingGetsOneThatIsAllowed() async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get("/console/api/lines", ["query": #"{} |= "x""#])
            #expect(answer.status == .badRequest && answer.json["line"] == nil)
            #expect(answer.json["suggestion"] == #"{service_name=~".+"} |= "x""#)
        }
    }

    @Test(arguments: [
        #"{service="gateway"} | frobnicate("x") [[["#, "((((", "}{", #"{service="gateway"} | unpack"#,
    ])
    func aQueryWithoutACloseNeighbourGetsNoSuggestion(query: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get("/console/api/lines", ["query": query])
            #expect(answer.status == .badRequest && answer.json["suggestion"] == nil, "\(answer.text)")
        }
    }

    /// Looking for a mended query costs no more than some hundred attempts to parse.
    @Test func aLongOrHopelessQueryIsNotTriedForever() {
        var attempts = 0
        let all: [QueryRepair.Attempt] = [.quoteWord, .quoteRest, .closeBrace, .closeQuote, .replace("a", "aa"), .wrap]
        let repair = QueryRepair(of: all, QueryBudget()) { _ in
            attempts += 1
            return .wrong(line: 1, column: attempts % 20 + 1)
        }
        #expect(repair.repaired("{ a = b, c = d, e = f \" g | a") == nil)
        #expect(attempts == 121)
        attempts = 0
        #expect(repair.repaired(String(repeating: "{", count: 1001)) == nil)
        #expect(attempts == 0)
    }

    @Test func mendingAQueryIsChargedToItsBudget() {
        var attempts = 0
        let repair = QueryRepair(of: [.quoteWord, .quoteRest, .wrap], QueryBudget(.init(steps: 100))) { _ in
            attempts += 1
            return .wrong(line: 1, column: attempts)
        }
        #expect(repair.repaired(String(repeating: "a ", count: 490)) == nil)
        #expect((2...5).contains(attempts))
    }

    @Test func aPlaceBeyondTheTextIsItsEnd() {
        let repair = QueryRepair(of: [.closeBrace], QueryBudget()) {
            $0.hasSuffix("}}") ? .sound : .wrong(line: 9, column: 99)
        }
        #expect(repair.repaired("{a\n{b}") == "{a\n{b}}")
    }

    @Test func anUnsupportedQueryIsNamedWithoutAPlace() async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get("/console/api/traces", ["query": "{ nestedSetLeft > 1 }"])
            #expect(answer.status == .badRequest && answer.json["line"] == nil)
            #expect(answer.json["detail"]?.string?.contains("nestedSetLeft") == true)
            let metrics = try await console.get("/console/api/traces", ["query": "{} | rate()"])
            #expect(metrics.json["type"] == "urn:tailspan:problem:metric-query")
        }
    }
}
