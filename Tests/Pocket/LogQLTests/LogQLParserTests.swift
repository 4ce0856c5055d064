import Testing

@testable import LogQL
@testable import QuerySupport

@Suite("The parser of LogQL") struct LogQLParserTests {
    private func message(_ query: String) -> String? {
        do {
            _ = try LogQLParser.parse(query)
            return nil
        } catch {
            return error.description
        }
    }

    /// Recorded from Loki 3.6.15.
    @Test(arguments: [
        ("{", "parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"),
        ("{a", "parse error at line 1, col 3: syntax error: unexpected $end, expecting = or =~ or !~ or !="),
        ("{a=", "parse error at line 1, col 4: syntax error: unexpected $end, expecting STRING"),
        ("{a=\"b\"", "parse error at line 1, col 7: syntax error: unexpected $end, expecting } or ,"),
        ("{a=\"b\",", "parse error at line 1, col 8: syntax error: unexpected $end, expecting IDENTIFIER"),
        ("{a=\"b\" c=\"d\"}", "parse error at line 1, col 8: syntax error: unexpected IDENTIFIER, expecting } or ,"),
        ("{a=\"b\"} |", "parse error at line 1, col 10: syntax error: unexpected $end"),
        ("{a=\"b\"} | | json", "parse error at line 1, col 11: syntax error: unexpected |"),
        ("{a=\"b\"} |=", "parse error at line 1, col 11: syntax error: unexpected $end, expecting STRING or ip"),
        (
            "{a=\"b\"} |= foo",
            "parse error at line 1, col 12: syntax error: unexpected IDENTIFIER, expecting STRING or ip"
        ),
        ("{a=\"b\"} | foo", "parse error at line 1, col 14: syntax error: unexpected $end"),
        ("{a=\"b\"} | foo=bar", "parse error at line 1, col 15: syntax error: unexpected IDENTIFIER"),
        ("{a=\"b\"} | foo > \"5\"", "parse error at line 1, col 17: syntax error: unexpected STRING"),
        ("{a=\"b\"} | foo =~ 5", "parse error at line 1, col 18: syntax error: unexpected NUMBER, expecting STRING"),
        ("{a=\"b\"} | foo =~ \"(\"", "parse error : error parsing regexp: missing closing ): `(`"),
        (
            "{a=\"b\"} | foo > 5 and",
            "parse error at line 1, col 22: syntax error: unexpected $end, expecting IDENTIFIER or ("
        ),
        ("{a=\"b\"} | (foo > 5", "parse error at line 1, col 19: syntax error: unexpected $end"),
        ("{a=\"b\"} &", "parse error at line 1, col 9: syntax error: unexpected IDENTIFIER"),
        ("{a='b'}", "parse error at line 1, col 4: syntax error: unexpected IDENTIFIER, expecting STRING"),
        ("{a=\"b\\x\"}", "parse error at line 1, col 4: invalid char escape"),
        ("{a=\"b", "parse error at line 1, col 4: literal not terminated"),
        ("{\"a\"=\"b\"}", "parse error at line 1, col 2: syntax error: unexpected STRING, expecting IDENTIFIER or }"),
        ("{a.b=\"c\"}", "parse error at line 1, col 3: syntax error: unexpected ., expecting = or =~ or !~ or !="),
        ("{5=\"b\"}", "parse error at line 1, col 2: syntax error: unexpected NUMBER, expecting IDENTIFIER or }"),
        ("count_over_time({a=\"b\"})", "parse error at line 1, col 24: syntax error: unexpected )"),
        ("count_over_time({a=\"b\"}[5m]", "parse error at line 1, col 28: syntax error: unexpected $end, expecting )"),
        ("count_over_time({a=\"b\"}[5m]) by (a)", "parse error : grouping not allowed for count_over_time aggregation"),
        ("sum(count_over_time({a=\"b\"}[5m])", "parse error at line 1, col 33: syntax error: unexpected $end"),
        ("sum({a=\"b\"})", "parse error at line 1, col 12: syntax error: unexpected )"),
        (
            "sum(count_over_time({a=\"b\"}[5m])) by",
            "parse error at line 1, col 37: syntax error: unexpected $end, expecting ("
        ),
        (
            "sum by (a,) (count_over_time({a=\"b\"}[5m]))",
            "parse error at line 1, col 11: syntax error: unexpected ), expecting IDENTIFIER"
        ),
        ("topk(count_over_time({a=\"b\"}[5m]))", "parse error : parameter required for operation topk"),
        ("topk(0, count_over_time({a=\"b\"}[5m]))", "parse error : invalid parameter (must be greater than 0) topk(0"),
        ("topk(1.5, count_over_time({a=\"b\"}[5m]))", "parse error : invalid parameter topk(1.5,"),
        ("sum(1, count_over_time({a=\"b\"}[5m]))", "parse error : unsupported parameter for operation sum(1,"),
        ("foo({a=\"b\"}[5m])", "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER"),
        ("1 + ", "parse error at line 1, col 5: syntax error: unexpected $end"),
        ("{a=\"b\"}}", "parse error at line 1, col 8: syntax error: unexpected }"),
        ("{a=\"b\"} extra", "parse error at line 1, col 9: syntax error: unexpected IDENTIFIER"),
        ("", "parse error : syntax error: unexpected $end"),
        (
            "{a=\"b\"} | json x=\"a..b\"",
            "parse error : cannot parse expression [a..b]: expected fields such as error.type or a[\"b\"]"
        ),
        (
            "{a=\"b\"} | json x=\"\"",
            "parse error : cannot parse expression []: expected fields such as error.type or a[\"b\"]"
        ),
        (
            "{a=\"b\"} | json x=\"a[0]\"",
            "pocket stack: a place in a list is not supported in `a[0]`: name fields as in error.type"
        ),
        ("vector(-1)", "parse error at line 1, col 8: syntax error: unexpected -, expecting NUMBER"),
        (
            "{a=\"b\"} | line_format x",
            "parse error at line 1, col 23: syntax error: unexpected IDENTIFIER, expecting STRING"
        ),
        ("{a=\"b\"} | label_format x", "parse error at line 1, col 25: syntax error: unexpected $end, expecting ="),
        (
            "{a=\"b\"} | label_format x=5",
            "parse error at line 1, col 26: syntax error: unexpected NUMBER, expecting STRING or IDENTIFIER"
        ),
        (
            "{a=\"b\"} | label_format x=y, x=z",
            "parse error : multiple label name 'x' not allowed in a single format operation"
        ),
        ("{a=\"b\"} | label_format __error__=x", "parse error : __error__ cannot be formatted"),
        ("{a=\"b\"} | pattern \"abc\"", "parse error : invalid pattern parser: at least one capture is required"),
        ("{a=\"b\"} | pattern \"<_>\"", "parse error : invalid pattern parser: at least one capture is required"),
        (
            "{a=\"b\"} | pattern \"<x><y>\"",
            "parse error : invalid pattern parser: found consecutive capture '<x><y>': invalid expression"
        ),
        (
            "{a=\"b\"} | pattern \"<x> <x>\"",
            "parse error : invalid pattern parser: duplicate capture name (x): invalid expression"
        ),
        (
            "{a=\"b\"} |> \"<x> y\"",
            "parse error : invalid pattern parser: named captures are not allowed in a filter: write <_>"
        ),
        (
            "{a=\"b\"} | regexp \"(.)\"",
            "parse error : invalid regexp parser: at least one named capture must be supplied"
        ),
        (
            "{a=\"b\"} | regexp \"(?P<x>.)(?P<x>.)\"",
            "parse error : invalid regexp parser: duplicate extracted label name 'x'"
        ),
        (
            "{a=\"b\"} | regexp \"(\"",
            "parse error : invalid regexp parser: error parsing regexp: missing closing ): `(`"
        ),
        (
            "label_replace(vector(1), \"a\", \"b\", \"c\")",
            "parse error at line 1, col 39: syntax error: unexpected ), expecting ,"
        ),
        ("sum_over_time({a=\"b\"}[1m])", "parse error : invalid aggregation sum_over_time without unwrap"),
        (
            "count_over_time({a=\"b\"} | unwrap x [1m])",
            "parse error : invalid aggregation count_over_time with unwrap"
        ),
        (
            "sum_over_time({a=\"b\"} | unwrap x [1m]) by (c)",
            "parse error : grouping not allowed for sum_over_time aggregation"
        ),
        (
            "quantile_over_time({a=\"b\"} | unwrap x [1m])",
            "parse error : parameter required for operation quantile_over_time"
        ),
        (
            "max_over_time(0.5, {a=\"b\"} | unwrap x [1m])",
            "parse error : parameter 0.5 not supported for operation max_over_time"
        ),
        ("{a=\"b\"} | unwrap x", "parse error at line 1, col 11: syntax error: unexpected unwrap"),
        (
            "sum_over_time({a=\"b\"} | unwrap x [1m] | __error__=\"\")",
            "parse error at line 1, col 39: syntax error: unexpected |, expecting )"
        ),
        (
            "sum_over_time({a=\"b\"} | unwrap x | unwrap y [1m])",
            "parse error at line 1, col 36: syntax error: unexpected unwrap, expecting IDENTIFIER or ("
        ),
        (
            "count_over_time({a=\"b\"}[1m] offset)",
            "parse error at line 1, col 35: syntax error: unexpected ), expecting DURATION"
        ),
        (
            "vector(1) and 1",
            "parse error : unexpected literal for right leg of logical/set binary operation (and): 1"
        ),
        ("1 or 2", "parse error : unexpected literal for left leg of logical/set binary operation (or): 1"),
        (
            "vector(1) and on (a) group_left vector(2)",
            "parse error : no grouping allowed for \"and\" operation"
        ),
        ("{a=\"b\"}\n  | json\n  | ,", "parse error at line 3, col 5: syntax error: unexpected ,"),
    ])
    func aParseErrorNamesItsPosition(query: String, expected: String) { #expect(message(query) == expected) }

    @Test(arguments: ["{}", "{a=\"\"}", "{a!=\"b\"}", "{a=~\".*\"}", "{a=~\"x|\"}", "rate({a!=\"b\"}[1m])"])
    func aSelectorThatMatchesEveryStreamIsRefused(query: String) {
        #expect(
            message(query)?.hasPrefix("parse error : queries require at least one regexp or equality matcher") == true)
    }

    @Test(arguments: [
        ("{a=\"b\"} | unpack", "unpack"), ("{a=\"b\"} | decolorize", "decolorize"),
        ("{a=\"b\"} | logfmt --strict", "logfmt --strict"),
        ("{a=\"b\"} |= ip(\"::1\")", "ip"), ("{a=\"b\"} | x=ip(\"::1\")", "ip"),
        ("rate_counter({a=\"b\"} | unwrap x [5m])", "rate_counter"),
        ("approx_topk(3, rate({a=\"b\"}[5m]))", "approx_topk"),
    ])
    func theRefusalNamesTheUnsupportedFeature(query: String, what: String) {
        #expect(message(query) == "pocket stack: `\(what)` is not supported")
    }

    @Test(arguments: [
        "{a=`b\\`}", "{a=\"b\", c!=\"d\", e=~\"f.*\", g!~\"h\"}", "{a=\"b\"} |= \"x\" != \"y\" |~ \"z.\" !~ \"w\"",
        "{a=\"b\"} |= \"x\" or \"y\"", "{a=\"b\"} |> \"<_>x\" !> \"y <_>\" or \"z\"", "{a=\"b\"} | json | logfmt",
        "{a=\"b\"} | x=\"1\" or y=\"2\" and z=\"3\"",
        "{a=\"b\"} | foo > 5, bar >= 1h30m", "{a=\"b\"} | foo == 5KiB | bar != -5 | baz <= 1.5e3",
        "{a=\"b\"} | foo > 5 bar < 3", "{a=\"b\"} # comment", "({a=\"b\"} |= \"x\")",
        "{a=\"b\"} | drop x, y=\"z\" | keep w",
        "count_over_time({a=\"b\"}[1m30s])", "rate({a=\"b\"} | json | x > 5 [1d])",
        "bytes_rate({a=\"b\"}[5m] |= \"x\")",
        "sum by (a, b) (rate({a=\"b\"}[5m]))", "sum(rate({a=\"b\"}[5m])) without (c)",
        "topk(3, sum by (a) (rate({a=\"b\"}[5m])))",
        "rate({a=\"b\"}[5m]) > bool 5", "100 * rate({a=\"b\"}[5m]) / rate({c=\"d\"}[5m])", "vector(1)+vector(1)", "1+1",
        "{count=\"b\"} | rate=\"x\"",
        "{a=\"b\"} | json | line_format `{{.x}}` | label_format y=x, z=\"{{.x | upper}}\" | y = \"1\"",
        "{a=\"b\"} | json status, kind=`error.type`, x=`a[\"b c\"].d` | logfmt p=\"path\", q",
        "{a=\"b\"} | pattern `<ip> - <_>` | regexp `(?P<code>\\d+)`",
        "label_replace(rate({a=\"b\"}[1m]), \"x\", \"$1\", \"y\", \"(.*)\")",
        "sum_over_time({a=\"b\"}[1m] | json | unwrap duration(x) | __error__=\"\")",
        "quantile_over_time(0.9, {a=\"b\"} | logfmt | unwrap bytes(bytes) [1m] offset 5m) by (c)",
        "avg_over_time({a=\"b\"} | unwrap x | y > 5 and z = \"1\" [1m]) without (c, d)",
        "rate({a=\"b\"} | unwrap rate [1m] offset -30s)", "absent_over_time({a=\"b\"}[5m])",
        "rate({a=\"b\"}[1m]) / ignoring (c) group_left (d) rate({e=\"f\"}[1m]) or vector(0) unless on () vector(1)",
        "sort_desc(stddev by (a) (rate({a=\"b\"}[1m])))",
    ])
    func theParserAcceptsWhatLokiAccepts(query: String) { #expect(message(query) == nil) }

    @Test func aQueryWithTooManyOperatorsIsRefused() {
        let chain = String(repeating: "1 + ", count: 250)
        #expect(message(chain + "1") == nil)
        #expect(message(chain + "1 + 1") == "parse error : the query has more than 250 operators")
    }

    /// A dashboard check needs to know whether a query is LogQL and whether it runs here.
    @Test(
        arguments: [
            ("rate({a=\"b\"}[5m])", nil), ("rate({a=\"b\"})", false), ("{}", false), ("{a=\"b\"} | unpack", true),
            ("{a=\"b\"} | line_format \"{{ now }}\"", true), ("{a=\"b\"} | line_format \"{{\"", false),
        ] as [(String, Bool?)])
    func anErrorTellsWrongQueriesFromUnsupportedOnes(query: String, isUnsupported: Bool?) {
        var problem: LogQLError?
        do throws(LogQLError) { _ = try LogQL.parse(query) } catch { problem = error }
        #expect(problem?.isUnsupported == isUnsupported)
    }

    @Test func andBindsTighterThanOrInFilters() throws {
        guard case .logs(let pipeline) = try LogQLParser.parse("{a=\"b\"} | x=\"1\" or y>2 and z=\"3\"") else {
            Issue.record("not a log query")
            return
        }
        guard
            case .label(.or(.text(let first), .and(.quantity(let second, .greater, .number(2)), .text(let third)))) =
                pipeline.stages[0]
        else {
            Issue.record("read as \(pipeline.stages)")
            return
        }
        #expect([first.name, second, third.name] == ["x", "y", "z"])
    }

    @Test func durationsAndByteSizesAreParsed() {
        #expect(Measure.duration("1h30m") == 5_400_000_000_000)
        #expect(Measure.duration("1.5s") == 1_500_000_000)
        #expect(Measure.duration("-2ms") == -2_000_000)
        #expect(Measure.duration("5") == nil)
        #expect(Measure.duration("fast") == nil)
        #expect(Measure.bytes("5KB") == 5000)
        #expect(Measure.bytes("1.5MiB") == 1_572_864)
        #expect(Measure.bytes("x") == nil)
    }
}
