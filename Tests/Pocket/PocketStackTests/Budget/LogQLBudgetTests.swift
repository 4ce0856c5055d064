import HTTP
import Testing

@testable import LogQL
@testable import PocketStore
@testable import QuerySupport

/// Queries that expand small inputs end with a clear error, and their cost until then is counted.
@Suite("The budget of a LogQL query") struct LogQLBudgetTests {
    /// Runs the stages on one line; returns the budget and how it ended.
    private func run(
        _ stages: String, on line: String = "hello", steps: Int = 50_000_000, bytes: Int = 80 << 20
    ) throws -> (error: (any Error)?, budget: QueryBudget) {
        guard case .logs(let pipeline) = try LogQLParser.parse(#"{a="b"} "# + stages) else {
            Issue.record("not a log query: \(stages)")
            return (nil, QueryBudget())
        }
        let budget = QueryBudget(.init(time: .seconds(600), steps: steps, bytes: bytes))
        let compiled = CompiledPipeline(pipeline, budget: budget)
        var line = line
        line.withUTF8 { text in
            let stored = StoredLine(
                time: 0, stream: LogStream(id: 1, labels: [Label("a", "b")]),
                metadataBytes: UnsafeBufferPointer(start: nil, count: 0), text: text)
            if compiled.admits(text) { _ = compiled.process(stored) }
        }
        do {
            try budget.check()
            return (nil, budget)
        } catch {
            return (error, budget)
        }
    }

    private static let tooLong = QueryBudgetError.textTooLong(QueryBudget.maximumText)

    @Test(arguments: [
        // The line and its own end, again and again.
        String(repeating: #"| line_format "{{__line__}}{{__line__}}" "#, count: 26),
        String(repeating: #"| line_format "{{__line__}}{{__line__}}" "#, count: 400),
        String(repeating: #"| label_format x="{{.x}}{{.x}}a" "#, count: 30),
        String(repeating: #"| label_format x=`{{.x}}{{.y}}a`, y=`{{.y}}{{.x}}b` "#, count: 40),
        String(repeating: #"| line_format `{{ __line__ | replace "l" "llll" }}` "#, count: 30),
        String(repeating: #"| line_format `{{ printf "%s%s%s" __line__ __line__ __line__ }}` "#, count: 30),
        String(repeating: #"| line_format `{{ __line__ | replace "" "x" }}{{ alignLeft 10000 "x" }}` "#, count: 400),
    ])
    func aTextThatGrowsWithEveryStageHitsALimit(stages: String) throws {
        let (error, budget) = try run(stages)
        #expect(error as? QueryBudgetError == Self.tooLong || error as? QueryBudgetError == .tooLarge(80 << 20))
        #expect(budget.bytes <= 80 << 20)
        #expect(budget.steps < 10_000_000)
    }

    @Test func theMemoryOfOneLineIsReleasedBeforeTheNext() throws {
        let (error, budget) = try run(String(repeating: #"| line_format "{{__line__}}{{__line__}}" "#, count: 10))
        #expect(error == nil)
        #expect(budget.bytes == 0)
    }

    @Test(arguments: [
        // Each copies the line.
        "| json " + (0..<490).map { "x\($0)=\"m\"" }.joined(separator: ", "),
        "| logfmt " + (0..<490).map { "x\($0)=\"k\"" }.joined(separator: ", "),
    ])
    func manyCopiesOfALongLineHitTheMemoryLimit(stages: String) throws {
        let line = #"{"m":"\#(String(repeating: "x", count: 25_000))"}"#
        let (error, _) = try run(
            stages, on: stages.hasPrefix("| json") ? line : "k=" + line.dropFirst(6).dropLast(2), bytes: 8 << 20)
        #expect(error as? QueryBudgetError == .tooLarge(8 << 20))
    }

    @Test func theCostOfParsingGrowsLinearlyWithTheFields() throws {
        func steps(_ count: Int) throws -> Int {
            let line = "{" + (0..<count).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
            let (error, budget) = try run("| json | key3=\"3\" | drop key5", on: line)
            #expect(error == nil)
            return budget.steps
        }
        let (few, many) = (try steps(1_000), try steps(20_000))
        #expect(many < 25 * few)
        var labels = LineLabels(stream: [], metadata: [])
        for index in 0..<30_000 { labels.extract("n\(index)", "v") }
        #expect(labels.parsed.count == 30_000 && labels.value("n29999") == "v")
        labels.removeAll { $0.name != "n7" }
        #expect(labels.merged == [Label("n7", "v")] && labels.value("n29999") == nil)
        labels.set("n7", "w")
        #expect(labels.parsed == [Label("n7", "w")])
    }

    @Test func anExpressionWithManyStatesHitsTheWorkLimit() throws {
        // Sets of thousands of instructions, another one at every byte.
        var generator = Seeded()
        let line = String((0..<10_000).map { _ in Bool.random(using: &generator) ? "a" : "b" })
        let (error, budget) = try run(#"|~ "(a|b)*a(a|b){900}c""#, on: line + "c", steps: 200_000)
        #expect(error as? QueryBudgetError == .tooMuchWork)
        #expect(budget.steps < 300_000)
    }

    @Test func ordinaryExpressionsOnLongLinesStayWithinTheBudget() throws {
        let line = String(repeating: "request completed in 12 ms; ", count: 9_000)
        let filters = #"|~ "(?i)FAILED|completed in [0-9]+ ms" !~ "(timed out|refused).*[0-9]+" "#
        let stages = filters + #"| regexp "in (?P<ms>[0-9]+)" | ms=~"1.""#
        let (error, budget) = try run(stages, on: line, steps: QueryBudget.Limits().steps)
        #expect(error == nil)
        #expect(budget.steps < 1_000_000)
    }

    @Test(arguments: [
        #"{a="b"} | "# + String(repeating: "(", count: 60_000) + "x=1",
        #"{a="b"} | "# + Array(repeating: "x=1", count: 30_000).joined(separator: " or "),
        #"{a="b"} "# + String(repeating: #"|line_format "" "#, count: 7_000),
        #"{a="b"} | line_format "{{.a"# + String(repeating: "|upper", count: 10_000) + #"}}""#,
        #"{a="b"} | line_format "{{"# + String(repeating: "(upper ", count: 10_000) + #"}}""#,
        #"{a="b"} "# + String(repeating: #"|~ "(a{1000}){40}""#, count: 1_000),
        #"{a="b"} "# + String(repeating: #"|~ "\#(String(repeating: "[ab]{1000}", count: 40))""#, count: 6),
        #"{a="b"} "# + String(repeating: #"|~ "(a|b)*a""#, count: 450),
        #"{a=~"(?:(?:(?:(?:){1000}){1000}){1000}){1000}"}"#,
        #"label_replace(vector(1), "a", "b", "c", "((((){1000}){1000}){1000}){1000}")"#,
        #"{a="b"} | regexp "\#((0..<5_000).map { "(?P<a\($0)>x)" }.joined())""#,
        #"{a="b"} | pattern "\#((0..<9_000).map { "<a\($0)>," }.joined())""#,
        #"sum by (\#((0..<20_000).map { "a\($0)" }.joined(separator: ","))) (rate({a="b"}[1m]))"#,
        "{" + Array(repeating: #"a="b""#, count: 9_000).joined(separator: ",") + "}",
        String(repeating: "x", count: 200_000), String(repeating: "1x", count: 60_000),
        String(repeating: "sum(", count: 30_000), String(repeating: "-", count: 100_000),
        "vector(1)" + String(repeating: "+vector(1)", count: 10_000),
    ])
    func theParserRefusesAnOversizedQuery(query: String) {
        #expect(throws: LogQLError.self) { try LogQL.parse(query) }
    }

    @Test func aLabelReplacementThatGrowsHitsALimit() async throws {
        let loki = try await PocketFixture()
        #expect(try await loki.push([("a", "bbbbbbbb")], [(-1, "x", [])]).status == .noContent)
        var query = #"count_over_time({a="bbbbbbbb"}[1h])"#
        let many = String(repeating: "$1", count: 100)
        for _ in 0..<40 { query = #"label_replace(\#(query), "a", "\#(many)", "a", "(.*)")"# }
        let response = try await loki.query(query)
        #expect(response.status == .unprocessableContent)
        #expect(response.text == Self.tooLong.description)
        // Nothing else is affected.
        #expect(try await loki.query(#"{a="bbbbbbbb"}"#).lines == ["x"])
        await loki.close()
    }

    @Test func anAnswerBeyondTheMemoryLimitIsRefused() async throws {
        var options = PocketDatabase.Configuration()
        options.budget.bytes = 1 << 20
        let loki = try await PocketFixture(configuration: options)
        let line = String(repeating: "y", count: 10_000)
        let lines = (0..<40).map { (Double(-$0), line, [(String, String)]()) }
        #expect(try await loki.push([("a", "b")], lines).status == .noContent)
        let five = #"{a="b"} | line_format "\#(String(repeating: "{{__line__}}", count: 5))""#
        let response = try await loki.query(five, [("limit", "5000")])
        #expect(response.status == .unprocessableContent)
        #expect(response.text.hasPrefix("the query would hold more than 1 MiB"))
        #expect(try await loki.query(#"{a="b"}"#, [("limit", "10")]).lines.count == 10)
        await loki.close()
    }

    @Test func anOversizedFormIsRefused() async throws {
        let loki = try await PocketFixture()
        let response = try await loki.send(
            Request(
                method: .post, uri: "/loki/api/v1/query_range",
                headers: ["content-type": "application/x-www-form-urlencoded"],
                body: Array(String(repeating: "a&", count: 1 << 20).utf8)))
        #expect(response.status == .contentTooLarge)
        await loki.close()
    }

    @Test func aPatternFilterMatchesItsTextsInOrder() throws {
        let filter = try LinePattern(filter: "<_> nomatch <_>")
        var line = String(repeating: " a", count: 1000)
        line.withUTF8 { #expect(!filter.matches($0)) }
        for (pattern, text, fits) in [
            ("<_>ab<_>", "xabx", true), ("<_>ab<_>", "abx", false), ("<_>ab<_>", "xab", false), ("ab<_>", "xabx", true),
            ("<_>ab", "xab", true), ("a<_>b<_>c", "a1b2c", true), ("a<_>b<_>c", "ab2c", false), ("<_>", "x", true),
        ] {
            let filter = try LinePattern(filter: pattern)
            var text = text
            text.withUTF8 { #expect(filter.matches($0) == fits, "\(pattern)") }
        }
    }
}
