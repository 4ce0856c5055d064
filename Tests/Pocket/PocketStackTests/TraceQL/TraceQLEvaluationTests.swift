import Testing

@testable import PocketStore
@testable import TraceQL

@Suite("The evaluation of TraceQL") struct TraceQLEvaluationTests {
    /// The fields that the queries below ask for, of one span.
    private static let span: [TraceQL.Field: TraceQL.Value] = [
        .attribute(.span, "code"): .integer(500), .attribute(.span, "ratio"): .double(0.5),
        .attribute(.span, "route"): .string("/v1/tasks"), .attribute(.span, "cached"): .bool(false),
        .attribute(.span, "list"): .list([.string("a"), .string("b")]),
        .attribute(.span, "numbers"): .list([.integer(1), .integer(9)]),
        .attribute(.resource, "service.name"): .string("gateway"), .intrinsic(.status): .status(.error),
        .intrinsic(.kind): .kind(.server), .intrinsic(.duration): .duration(250_000_000),
        .intrinsic(.name): .string("GET /v1/tasks"),
    ]

    private func evaluate(_ text: String) throws -> Bool {
        let query = try TraceQL.parse(text)
        let execution = try TraceQL.Execution(query)
        let values = execution.evaluator.fields.map { Self.span[$0] ?? .missing }
        return try !execution.run(TraceQL.TraceView(values: [values], parents: [nil])).isEmpty
    }

    @Test(arguments: [
        "{ }", "{ span.code = 500 }", "{ span.code >= 499.5 }", "{ span.code != 200 }", "{ 400 < span.code }",
        "{ span.ratio * 2 = 1 }", "{ span.code / 100 = 5 }", "{ span.code % 7 = 3 }", "{ -span.code < 0 }",
        "{ span.code + 1 - 1 = 500 && 2 ^ 3 = 8 }", "{ span.route = \"/v1/tasks\" }", "{ span.route < \"/w\" }",
        "{ span.route =~ \"/v[0-9]/.*\" }", "{ span.route !~ \"/v1\" }", "{ name =~ \"GET .+\" }",
        "{ span.cached = false }", "{ !span.cached }", "{ span.nope = nil }", "{ span.code != nil }",
        "{ span.list = \"b\" }", "{ \"a\" = span.list }", "{ span.list != \"c\" }", "{ span.list =~ \"[ab]\" }",
        "{ span.numbers > 5 }", "{ resource.service.name = \"gateway\" }", "{ status = error }", "{ status != ok }",
        "{ kind = server }", "{ kind != client }", "{ duration > 200ms && duration <= 250ms }",
        "{ duration > 1000 }", "{ span.nope = 1 || status = error }", "{ !(span.nope = 1) }",
        "{ status = error } && { kind = server }", "{ status = ok } || { kind = server }",
        "{ } | count() = 1", "{ } | avg(duration) > 200ms", "{ } | max(span.code) = 500",
        "({ } | count() > 0) && ({ status = error })",
    ])
    func aMatchingFilterSelectsTheSpan(text: String) throws { #expect(try evaluate(text)) }

    @Test(arguments: [
        "{ false }", "{ span.code = 200 }", "{ span.code > 500 }", "{ span.code = \"500\" }", "{ span.nope = 1 }",
        // A filter finds spans that say something else, not spans that say nothing.
        "{ span.nope != 1 }", "{ span.nope !~ \"a\" }", "{ span.nope > 1 }", "{ span.nope }",
        "{ span.route =~ \"tasks\" }", "{ span.route = \"/V1/tasks\" }", "{ span.cached }", "{ span.code = nil }",
        "{ span.list != \"a\" }", "{ span.list !~ \"[bc]\" }", "{ span.list = \"c\" }", "{ span.code / 0 = 1 }",
        "{ status = ok }", "{ kind = client }", "{ duration > 250ms }", "{ status = ok } && { kind = server }",
        "{ } | count() > 1", "{ } | sum(span.nope) > 0", "{ span.code < 1 } | count() = 0",
        "{ status = error && (kind = client || duration < 1ms) }",
    ])
    func aNonMatchingFilterSelectsNothing(text: String) throws { #expect(try !evaluate(text)) }

    /// root(0) → a(1) → c(3), root → b(2); d(4) is of another trace's parent, e(5) its own ancestor.
    private static let tree = TraceQL.TraceView(
        values: ["root", "a", "b", "c", "d", "e"].map { [.string($0)] }, parents: [nil, 0, 0, 1, nil, 5])

    @Test(
        arguments: [
            ("{ name = `root` } > { name =~ `.*` }", [1, 2]),
            ("{ name = `root` } >> { name =~ `.*` }", [1, 2, 3]),
            ("{ name = `c` } < { name =~ `.*` }", [1]),
            ("{ name = `c` } << { name =~ `.*` }", [0, 1]),
            ("{ name = `a` } ~ { name =~ `.*` }", [2]),
            ("{ name =~ `a|b` } ~ { name =~ `.*` }", [1, 2]),
            ("{ name = `root` } !> { name =~ `.*` }", [0, 3, 4, 5]),
            ("{ name = `root` } !>> { name =~ `.*` }", [0, 4, 5]),
            ("{ name = `root` } &> { name = `b` }", [0, 2]),
            ("{ name = `c` } &<< { name = `root` }", [0, 3]),
            ("{ name = `a` } && { name = `b` }", [1, 2]),
            ("{ name = `a` } || { name = `x` }", [1]),
            ("{ name = `x` } && { name = `a` }", []),
            ("{ name = `root` } > { name = `c` }", []),
            // A ring of parents ends.
            ("{ name = `x` } !>> { name = `e` }", [5]),
        ] as [(String, [Int])])
    func structuralOperatorsSelectRelatedSpans(text: String, expected: [Int]) throws {
        let execution = try TraceQL.Execution(TraceQL.parse(text))
        #expect(try execution.run(Self.tree).flatMap(\.spans) == expected)
    }

    @Test func groupsAndAggregatesReportTheirValues() throws {
        let execution = try TraceQL.Execution(TraceQL.parse("{ } | by(name = `a`) | count() > 1"))
        #expect(
            try execution.run(Self.tree) == [
                TraceQL.Selection(
                    spans: [0, 2, 3, 4, 5],
                    attributes: [
                        .init(key: "by(name = `a`)", value: .bool(false)), .init(key: "count()", value: .integer(5)),
                    ])
            ])
    }

    @Test(arguments: [
        ("{ status = error }", "status = error"),
        ("{ .a = 1 } && { .b = 1 }", ".a = 1"),
        ("{ .a = 1 } || { .b = 1 }", "(.a = 1) || (.b = 1)"),
        ("{ .a = 1 } >> { .b = 1 }", ".b = 1"),
        ("{ .a = 1 && traceDuration > 1s }", "(.a = 1) && true"),
        ("{ rootName = `x` }", "true"),
        ("{ !(.a = 1 || rootName = `x`) }", "true"),
    ])
    func candidateConditionsAreNecessaryForAMatch(text: String, expected: String) throws {
        #expect(try TraceQL.parse(text).candidates.description == expected)
    }

    @Test(arguments: [
        ("{ status = error && .a = 1 }", "status = 2"),
        ("{ .a = 1 || status = error }", "1"),
        ("{ status = error || kind != client }", "(status = 2 OR kind <> 3)"),
        ("{ name = `x` && 200ms < duration }", "(name = ? AND duration > ?)"),
        ("{ resource.service.name = `x` }", "context IN (SELECT id FROM trace_contexts WHERE service = ?)"),
        ("{ trace:id = `xyz` }", "0"),
        ("{ !(status = error) }", "1"),
    ])
    func candidateConditionsAreTranslatedToSQL(text: String, expected: String) throws {
        #expect(SpanPushdown(try TraceQL.parse(text).candidates).sql == expected)
    }
}
