import Testing

@testable import TraceQL

@Suite("The parser of TraceQL") struct TraceQLParsingTests {
    @Test(arguments: [
        ("{}", "{ true }"),
        ("{ .a = 1 }", "{ .a = 1 }"),
        (
            "{ resource.service.name = \"x\" && status = error }",
            "{ (resource.service.name = `x`) && (status = error) }"
        ),
        ("{span.http.response.status_code>=500}", "{ span.http.response.status_code >= 500 }"),
        ("{ span.\"my attr\".x != nil }", "{ span.\"my attr.x\" != nil }"),
        ("{ nil = span.a }", "{ span.a = nil }"),
        ("{ duration > 1m30s || traceDuration < 1.5s }", "{ (duration > 1m30s) || (traceDuration < 1.5s) }"),
        ("{ trace:id = \"ab\" && span:parentID = \"c\" }", "{ (trace:id = `ab`) && (span:parentID = `c`) }"),
        ("{ span:duration > 2us }", "{ duration > 2µs }"),
        ("{ !(.a) }", "{ !.a }"),
        ("{ -span.x < -5 }", "{ -span.x < -5 }"),
        ("{ name =~ `GET .*` }", "{ name =~ `GET .*` }"),
        ("{ .a = 1 + 2 * 3 ^ 2 ^ 1 }", "{ .a = (1 + (2 * (3 ^ (2 ^ 1)))) }"),
        // As in Tempo, && and || bind alike, from the left.
        ("{ .a || .b && .c }", "{ (.a || .b) && .c }"),
        ("{ event.exception.message = \"x\" }", "{ event.exception.message = `x` }"),
        ("{ instrumentation:name = \"lib\" }", "{ instrumentation:name = `lib` }"),
        ("{ status != ok && kind = server }", "{ (status != ok) && (kind = server) }"),
        ("{ .b = true || .c = 1e-3 }", "{ (.b = true) || (.c = 0.001) }"),
        ("{ .\u{e9}t\u{e9} = \"\\u00e9\\n\\\"\" }", "{ .été = `é\n\"` }"),
        ("{ } with(most_recent=true)", "{ true }"),
    ])
    func filtersAreParsedByPrecedence(text: String, expected: String) throws {
        let query = try TraceQL.parse(text)
        guard case .spanset(.filter(let expression))? = query.stages.first else {
            Issue.record("not a filter: \(query)")
            return
        }
        #expect("{ \(expression) }" == expected)
    }

    @Test(arguments: [
        ("", 1, 1, "unexpected end of the query"),
        ("gateway", 1, 1, "unexpected gateway"),
        ("{resource.service.name=", 1, 24, "unexpected end of the query, expected a field or a value"),
        ("{ .a = 1", 1, 9, "expected an operator or }"),
        ("{ .a = 1 } }", 1, 12, "unexpected }"),
        ("{foo=\"x\"}", 1, 2, "unknown identifier: foo"),
        ("{ span:nope = 1 }", 1, 3, "unknown identifier: span:nope"),
        ("{ .a = \"abc }", 1, 14, "literal not terminated"),
        ("{ .a = \"\\q\" }", 1, 11, "invalid escape sequence"),
        ("{ .a = 12xy }", 1, 8, "12xy is neither a number nor a duration"),
        ("{ .a\n  = ; }", 2, 5, "unexpected character ;"),
        ("{ . = 1 }", 1, 4, "expected the name of an attribute"),
        ("{ } |", 1, 6, "expected a filter"),
        ("{ } | count() ", 1, 15, "expected a comparison"),
        ("{ } | count() > \"a\"", 1, 17, "expected a number or a duration"),
        ("{ } | select(1)", 1, 14, "expected a field"),
        ("({ }", 1, 5, "expected )"),
        ("{ } && ", 1, 8, "expected a filter"),
        ("{ } | topk(2)", 1, 7, "expected a metrics function such as rate() before topk"),
        ("{ } | rate(duration)", 1, 12, "expected )"),
        ("{ } | avg_over_time()", 1, 21, "expected a field"),
        ("{ } | quantile_over_time(duration)", 1, 34, "expected , and a quantile such as .9"),
        ("{ } | quantile_over_time(duration, 2)", 1, 36, "quantile must be between 0 and 1: 2"),
        ("{ } | rate() by ()", 1, 18, "expected a field"),
        ("{ } | rate() by (foo)", 1, 18, "unknown identifier: foo"),
        ("{ } | rate() by (.a,.b,.c,.d,.e,.f)", 1, 14, "rate groups by 5 at most"),
        ("{ } | histogram_over_time(duration) by (.a,.b,.c,.d,.e)", 1, 37, "groups by 4 at most"),
        ("{ } | rate() | rate()", 1, 16, "expected topk or bottomk"),
        ("{ } | rate() | topk(0)", 1, 21, "limit must be greater than 0: topk(0)"),
        ("{ } | rate() > name", 1, 16, "expected a number"),
        ("({ } | rate())", 1, 8, "expected metrics only after | at the end of a query"),
        ("{ } | rate() with (exemplars=name)", 1, 34, "expected a value before this"),
    ])
    func aParseErrorNamesItsPosition(text: String, line: Int, column: Int, message: String) throws {
        let error = #expect(throws: TraceQL.QueryError.self) { try TraceQL.parse(text) }
        #expect(error?.position == TraceQL.Position(line: line, column: column))
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("{duration=\"x\"}", "binary operations must operate on the same type: duration = `x`"),
        ("{ status = 2 }", "binary operations must operate on the same type: status = 2"),
        ("{ status > error }", "illegal operation for the given types: status > error"),
        ("{ name + 1 = 2 }", "binary operations must operate on the same type: name + 1"),
        ("{ duration }", "span filter field expressions must resolve to a boolean: { duration }"),
        ("{ 1 }", "span filter field expressions must resolve to a boolean: { 1 }"),
        ("{ name = nil }", "name = nil is not valid because intrinsics cannot be nil"),
        (
            "{ resource.service.name = nil }",
            "resource.service.name = nil is not valid because resource.service.name cannot be nil"
        ),
        (
            "{ nil = resource.service.name }",
            "resource.service.name = nil is not valid because resource.service.name cannot be nil"
        ),
        ("{ nil }", "syntax error: unexpected nil, expected it only beside = or !="),
        ("{ .a > nil }", "syntax error: unexpected nil, expected it only beside = or !="),
        ("{ } | sum(3) = 2", "aggregate field expressions must reference the span: sum(3)"),
        (
            "{ } | count() > count()",
            "pocket stack: `a comparison of an aggregate with anything but a number` is not supported"
        ),
        (
            "{ } | 3 < count()",
            "pocket stack: `a comparison that does not begin with an aggregate such as count()` is not supported"
        ),
        ("{ } | min(.a) + max(.a) > 1", "pocket stack: `arithmetic with + between aggregates` is not supported"),
        ("{ } | avg(.a) > 1 - 3", "pocket stack: `arithmetic with - between aggregates` is not supported"),
        ("{ !duration }", "illegal operation for the given type: !duration"),
        ("{ name =~ span.x }", "invalid type for =~: span.x, expected a text in quotes"),
        ("{ } | avg(name) > 1", "aggregate field expressions must resolve to a number type: avg(name)"),
        ("{ } | by(1)", "grouping field expressions must reference the span: by(1)"),
        ("{ } | compare({ status = error })", "pocket stack: `| compare()` is not supported"),
        ("{ nestedSetLeft > 1 }", "pocket stack: `nestedSetLeft` is not supported"),
        ("{ parent.a = 1 }", "pocket stack: `parent.` is not supported"),
    ])
    func anExpressionThatCannotBeEvaluatedIsNamed(text: String, message: String) throws {
        let error = #expect(throws: TraceQL.QueryError.self) { try TraceQL.parse(text) }
        #expect(error?.isUnsupported == message.hasPrefix("pocket stack"))
        #expect(error?.description == message)
    }

    @Test(arguments: [
        "{ " + String(repeating: "(", count: 20_000), "{ " + String(repeating: "!", count: 20_000),
        "{ " + String(repeating: "-", count: 20_000), String(repeating: "(", count: 20_000) + "{}",
        "{ 1" + String(repeating: "+1", count: 20_000) + " = 1 }",
        "{ 1" + String(repeating: "^1", count: 400) + " = 1 }",
        "{}" + String(repeating: " && {}", count: 20_000), "{}" + String(repeating: "|{}", count: 20_000),
    ])
    func oversizedQueriesAreRefused(text: String) {
        let error = #expect(throws: TraceQL.QueryError.self) { try TraceQL.parse(text) }
        #expect(error?.message.contains("nested deeper") == true || error?.message.contains("is longer") == true)
    }

    @Test func longChainsAreEvaluated() throws {
        let text = "{ .a = 1" + String(repeating: " || .a = 1", count: 230) + " }"
        let execution = try TraceQL.Execution(TraceQL.parse(text))
        #expect(try execution.run(TraceQL.TraceView(values: [[.integer(1)]], parents: [nil])).count == 1)
    }

    /// Recorded from Tempo 3.0.3.
    @Test(arguments: [
        ("{ .a } | (count()) > 1", true), ("{ .a } | ((count())) > (1)", true), ("(count()) > 1 | { .a }", true),
        ("{ } | max(duration) >= (100ms)", true), ("{ } | avg(.a) > -1", true), ("count() = 1 | { true }", true),
        ("((count()) > 1)", true), ("(count() > 1)", true), ("({ } | (count()) > 1)", true),
        ("by(.a) | { true }", true),
        ("select(.a)", true), ("{ } | by(name) | coalesce()", true), ("(({ } | count() > 1))", true),
        ("({ } | count() > 1 | { .a }) && ({ .b } | count() > 2)", true), ("({ .a }) && { .b } | count() > 1", true),
        ("({ } | by(name)) >> ({ .b })", true), ("{ resource.service.name != nil }", true), ("{ .a = nil }", true),
        ("coalesce() | { true }", false), ("(coalesce() | { true })", false), ("coalesce()", false),
        ("({ } | count() > 1) && { .b }", false), ("{ .b } || ({ } | count() > 1)", false),
        ("({ } | count() > 1) | { .a }", false), ("({ } | by(name)) | count() > 1", false),
        ("{ .a } | ({ } | count() > 1)", false), ("({ } | count() > 1) | rate()", false), ("{ } | (count())", false),
        ("({ } | count()) > 1", false), ("count() > 3 && { true }", false), ("2 < ({ } | count())", false),
        ("{ } | max() = 1", false), ("{ } | count = 1", false), ("3 = 2", false),
    ])
    func theParserAcceptsThePipelinesThatTempoAccepts(text: String, isTaken: Bool) {
        let result = Result { try TraceQL.parse(text) }
        #expect(((try? result.get()) != nil) == isTaken, "\(result)")
    }

    @Test func anInvalidPatternIsRefused() {
        let error = #expect(throws: TraceQL.QueryError.self) { try TraceQL.parse("{ name =~ \"(\" }") }
        #expect(error?.description.hasPrefix("invalid regex: `(`") == true)
    }

    @Test func aMetricsQueryIsParsed() throws {
        let query = try TraceQL.parse(
            """
            { .a } | count() > 2 | quantile_over_time(span.x, .5, 0.99, 1) by (name, .b) >= 1.5 | topk(3) != 100ms
            with (most_recent=true, exemplars=5)
            """)
        #expect(query.stages.count == 2)
        #expect(
            query.metrics
                == TraceQL.Metrics(
                    function: .quantile, field: .attribute(.span, "x"), quantiles: [0.5, 0.99, 1],
                    groups: [.intrinsic(.name), .attribute(.any, "b")],
                    secondStages: [.filter(.greaterOrEqual, 1.5), .rank(largest: true, 3), .filter(.notEqual, 0.1)],
                    exemplars: .count(5)))
        #expect(try TraceQL.parse("{ }").metrics == nil)
    }

    @Test func spansetOperatorsAndStagesAreParsed() throws {
        let query = try TraceQL.parse(
            "{ .a } && { .b } >> { .c } | count() > 2 | by(name) | coalesce() | select(span.x, status)")
        let a = TraceQL.Spanset.filter(.field(.attribute(.any, "a")))
        let b = TraceQL.Spanset.filter(.field(.attribute(.any, "b")))
        let c = TraceQL.Spanset.filter(.field(.attribute(.any, "c")))
        #expect(
            query.stages == [
                .spanset(.combined(.and, a, .combined(.related(.descendant, .matching), b, c))),
                .filter(TraceQL.Aggregate(function: .count), .greater, .integer(2)), .group(.field(.intrinsic(.name))),
                .coalesce, .select([.attribute(.span, "x"), .intrinsic(.status)]),
            ])
        #expect(query.fields.map(\.description) == [".a", ".b", ".c", "name", "span.x", "status"])
    }

    @Test(arguments: [
        ("resource.service.name", TraceQL.Field.attribute(.resource, "service.name")), ("status", .intrinsic(.status)),
        (".x", .attribute(.any, "x")), ("span:duration", .intrinsic(.duration)),
    ])
    func fieldNamesAreParsed(text: String, field: TraceQL.Field) throws {
        #expect(try TraceQL.parseField(text) == field)
    }

    @Test(arguments: ["{", "service.name", "status error", ""])
    func anInvalidFieldNameIsRefused(text: String) {
        #expect(throws: TraceQL.QueryError.self) { try TraceQL.parseField(text) }
    }

    @Test(
        arguments: [
            (0, "0s"), (15, "15ns"), (1500, "1.5µs"), (100_000_000, "100ms"), (1_500_000_000, "1.5s"),
            (90_000_000_000, "1m30s"), (3_661_000_000_000, "1h1m1s"), (-250_000_000, "-250ms"),
        ] as [(Int64, String)])
    func durationsAreWrittenInTheirLargestUnits(nanoseconds: Int64, text: String) {
        #expect(TraceQL.Duration.text(nanoseconds: nanoseconds) == text)
    }
}
