import Encoding
import HTTP
import Testing

@testable import PocketStore
@testable import QuerySupport
@testable import TraceQL

/// Gives the same numbers in every run.
struct Seeded: RandomNumberGenerator {
    private let source = SplitMix64(seed: 7)
    func next() -> UInt64 { source.next() }
}

@Suite("The budget of a TraceQL query") struct TraceQLBudgetTests {
    /// A trace whose spans have the names `s0` … and the parents that `parent` says.
    private static func trace(_ count: Int, parent: (Int) -> Int?) -> TraceQL.TraceView {
        TraceQL.TraceView(
            values: (0..<count).map { [.string("s\($0)")] }, parents: (0..<count).map(parent))
    }

    private static func run(
        _ query: String, _ trace: TraceQL.TraceView
    ) throws -> (spans: [Int], steps: Int) {
        let budget = QueryBudget(.init(time: .seconds(600)))
        let execution = try TraceQL.Execution(TraceQL.parse(query), budget: budget)
        let found = try execution.run(trace)
        return (found.flatMap(\.spans).sorted(), budget.steps)
    }

    @Test(arguments: ["<<", ">>", "<", ">", "~", "!<<", "!>>", "&<<", "&>>", "&~"])
    func theCostOfStructuralOperatorsGrowsLinearlyWithTheSpans(relation: String) throws {
        let count = 5_000
        let chain = Self.trace(count) { $0 == 0 ? nil : $0 - 1 }
        let star = Self.trace(count) { $0 == 0 ? nil : 0 }
        for trace in [chain, star] {
            for (left, right) in [("{ }", "{ name = `s\(count - 1)` }"), ("{ name = `s0` }", "{ }"), ("{ }", "{ }")] {
                let (_, steps) = try Self.run("\(left) \(relation) \(right)", trace)
                #expect(steps < 60 * count, "\(left) \(relation) \(right)")
            }
        }
    }

    @Test func structuralOperatorsHandleALongChain() throws {
        let count = 20_000
        let chain = Self.trace(count) { $0 == 0 ? nil : $0 - 1 }
        #expect(try Self.run("{ } << { name = `s\(count - 1)` }", chain).spans == [])
        #expect(try Self.run("{ name = `s\(count - 1)` } << { }", chain).spans == Array(0..<count - 1))
        #expect(try Self.run("{ name = `s5` } >> { }", chain).spans == Array(6..<count))
        #expect(try Self.run("{ name = `s5` } > { }", chain).spans == [6])
        #expect(try Self.run("{ name = `s5` } < { }", chain).spans == [4])
    }

    /// As the definition has it, from any span upwards, at most as many steps as there are spans.
    private static func ancestors(of span: Int, _ parents: [Int?]) -> [Int] {
        var (result, current) = ([Int](), parents[span])
        while let ancestor = current, result.count < parents.count {
            result.append(ancestor)
            current = parents[ancestor]
        }
        return result
    }

    @Test func structuralOperatorsMatchTheirDefinitionOnRandomTrees() throws {
        var generator = Seeded()
        for _ in 0..<60 {
            let count = Int.random(in: 1...12, using: &generator)
            // Rings, too: ids come from outside.
            let parents = (0..<count).map { _ in
                Int.random(in: 0..<4, using: &generator) == 0 ? nil : Int.random(in: 0..<count, using: &generator)
            }
            let marks = (0..<count).map { _ in Bool.random(using: &generator) }
            let trace = TraceQL.TraceView(values: marks.map { [.bool($0)] }, parents: parents)
            let anchors = Set(marks.indices.filter { marks[$0] })
            let above = Set(anchors.flatMap { Self.ancestors(of: $0, parents) })
            let below = marks.indices.filter { !anchors.isDisjoint(with: Self.ancestors(of: $0, parents)) }
            #expect(try Self.run("{ .m = true } << { }", trace).spans == above.sorted())
            #expect(try Self.run("{ .m = true } >> { }", trace).spans == below)
            let others = marks.indices.filter { !below.contains($0) }
            #expect(try Self.run("{ .m = true } !>> { }", trace).spans == others)
        }
    }

    @Test func theCostOfGroupingGrowsLinearlyWithTheGroups() throws {
        func steps(_ count: Int) throws -> Int {
            try Self.run("{ } | by(name)", Self.trace(count) { _ in nil }).steps
        }
        #expect(try steps(20_000) < 25 * steps(1_000))
        let budget = QueryBudget(.init(bytes: 4 << 20))
        let query = "{ }" + String(repeating: " | by(name)", count: 60)
        let execution = try TraceQL.Execution(TraceQL.parse(query), budget: budget)
        #expect(throws: QueryBudgetError.tooLarge(4 << 20)) { try execution.run(Self.trace(5_000) { _ in nil }) }
    }

    @Test(arguments: ["(a{1000}){40}", String(repeating: "[ab]{1000}", count: 9)])
    func manyExpressionsThatAreTooLargeTogetherAreRefused(expression: String) {
        let query = Array(repeating: "{ name =~ `\(expression)X` }", count: 30).enumerated()
            .map { $1.replacing("X", with: "\($0)") }.joined(separator: " || ")
        #expect(throws: TraceQL.QueryError.self) { try TraceQL.parse(query) }
    }

    @Test func readingManyAttributesOfManySpansIsCharged() async throws {
        let tempo = try await TraceFixture()
        let attributes = Dictionary(uniqueKeysWithValues: (0..<400).map { ("k\($0)", "v") })
        for span in 0..<40 {
            let id = Hex.string(UInt64(span + 1))
            #expect(try await tempo.push(json: TraceFixture.span(id: id, attributes: attributes)).status == .ok)
        }
        let budget = QueryBudget(.init(steps: 5_000))
        let query = try TraceQL.parse("{ " + (0..<80).map { ".k\($0) = `w`" }.joined(separator: " || ") + " }")
        await #expect(throws: QueryBudgetError.tooMuchWork) {
            try await tempo.store.database.write { database in
                _ = try TraceStore.search(TraceSearchRequest(query: query), database, budget)
            }
        }
    }

    @Test func theAnswerGroupsSpansByResourceAsOTLPDoes() async throws {
        let tempo = try await TraceFixture()
        for (index, service) in ["a", "b", "a", "c", "b"].enumerated() {
            let span = TraceFixture.span(id: Hex.string(UInt64(index + 1)), service: service)
            #expect(try await tempo.push(json: span).status == .ok)
        }
        let answer = try JSONValue(
            parsing: try await tempo.get("/api/traces/0195af3c8d2e4b7f9a6c1e5d70f2b384").body)
        let counts = (answer["batches"]?.array ?? []).map { batch in
            batch["scopeSpans"]?.array?.reduce(0) { $0 + ($1["spans"]?.array?.count ?? 0) }
        }
        #expect(counts == [2, 2, 1])
    }

    @Test func anOversizedSpanIsRejectedAlone() async throws {
        let tempo = try await TraceFixture()
        let large = TraceFixture.span(attributes: ["k": String(repeating: "x", count: 1 << 20)])
        let response = try await tempo.push(json: large)
        #expect(response.status == .ok)
        #expect(response.text.contains("a span of more than 1048576 bytes"))
    }
}
