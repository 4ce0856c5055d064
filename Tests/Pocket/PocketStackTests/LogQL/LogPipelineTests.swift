import Testing

@testable import LogQL
@testable import PocketStore

@Suite("The pipeline of a LogQL query") struct LogPipelineTests {
    /// The labels that a line has after the pipeline, stream labels aside; `nil` if it was dropped.
    private func run(
        _ stages: String, on line: String, stream: [Label] = [Label("a", "b")], metadata: [Label] = []
    ) throws -> [String: String]? {
        guard let labels = try process(stages, on: line, stream: stream, metadata: metadata)?.labels else { return nil }
        let rest = labels.merged.filter { !stream.contains($0) && $0.name != "__error_details__" }
        return Dictionary(uniqueKeysWithValues: rest.map { ($0.name, $0.value) })
    }

    private func process(
        _ stages: String, on line: String, stream: [Label] = [Label("a", "b")], metadata: [Label] = []
    ) throws -> ProcessedLine? {
        guard case .logs(let pipeline) = try LogQLParser.parse("{a=\"b\"} " + stages) else { return nil }
        let compiled = CompiledPipeline(pipeline)
        var line = line
        var stored: [UInt8] = []
        LogMetadata.append(metadata, to: &stored)
        return line.withUTF8 { text in
            stored.withUnsafeBufferPointer { metadata -> ProcessedLine? in
                let line = StoredLine(
                    time: 1_700_000_000_123_456_789, stream: LogStream(id: 1, labels: stream), metadataBytes: metadata,
                    text: text)
                return compiled.admits(text) ? compiled.process(line) : nil
            }
        }
    }

    @Test(arguments: [
        ("|= \"ell\"", true), ("|= \"elk\"", false), ("!= \"ell\"", false), ("!= \"elk\"", true), ("|= \"\"", true),
        ("|~ \"h.l+o\"", true), ("|~ \"^ell\"", false), ("!~ \"w.r\"", false), ("|~ \"(?i)HELLO\"", true),
        ("|= \"nope\" or \"world\"", true), ("|= \"nope\" or \"never\"", false), ("!= \"nope\" or \"world\"", false),
        ("|= \"hello\" |= \"world\"", true), ("|= \"hello\" != \"world\"", false), ("|= \"ö\"", true),
        ("|= \"hello wörld!\"", true), ("|= \"hello wörld!!\"", false),
    ])
    func lineFiltersKeepMatchingLines(stages: String, stays: Bool) throws {
        #expect((try run(stages.replacing("world", with: "wörld"), on: "hello wörld!") != nil) == stays)
    }

    /// Recorded from Loki 3.6.15.
    @Test(arguments: [
        (
            #"{"a1":1,"b":true,"c":null,"d":"x\u00e9\n","e":{"f":{"g":"deep"},"h":[1,2]},"i":[1],"j":1.50e3}"#,
            ["a1": "1", "b": "true", "d": "xé\n", "e_f_g": "deep", "j": "1.50e3"]
        ),
        (
            #"{"k-l m":"w","1n":"q","x":1,"x":2,"svc.name":"dot","em":"","o":{}}"#,
            ["k_l_m": "w", "_1n": "q", "x": "1", "svc_name": "dot", "em": ""]
        ),
        (#"{"a":"mine"}"#, ["a_extracted": "mine"]), (#"{"x":1} trailing"#, ["x": "1"]),
        (#"{"x":1"#, ["x": "1", "__error__": "JSONParserErr"]), ("[1,2]", ["__error__": "JSONParserErr"]),
        (#"{"x":tru}"#, ["__error__": "JSONParserErr"]), ("plain", ["__error__": "JSONParserErr"]),
        ("", ["__error__": "JSONParserErr"]), (#"{"s":"\ud83d\ude42 \ud83d \/"}"#, ["s": "🙂 \u{FFFD} /"]),
        (#" { "x" : "y" , "z" : { } } "#, ["x": "y"]), (#"{"n":"}\"{"}"#, ["n": "}\"{"]),
    ])
    func theJSONStageExtractsFields(line: String, expected: [String: String]) throws {
        #expect(try run("| json", on: line) == expected)
    }

    @Test(arguments: [
        (
            #"x=1 b="two words" c= d e="q\"uo" f-g=7 =x x=3 h="unterminated"#,
            ["x": "1", "b": "two words", "e": "q\"uo", "f_g": "7"]
        ),
        ("plain text only", [:]), (#"x="a" y='z' k==v"#, ["x": "a", "y": "'z'"]), ("a=other", ["a_extracted": "other"]),
        ("", [:]),
    ])
    func theLogfmtStageExtractsFields(line: String, expected: [String: String]) throws {
        #expect(try run("| logfmt", on: line) == expected)
    }

    @Test(arguments: [
        ("| ms > 100", true), ("| ms >= 150", true), ("| ms > 150", false), ("| ms < 200", true),
        ("| ms <= 100", false),
        ("| ms == 150", true), ("| ms = 150", true), ("| ms != 150", false), ("| missing > 1", false),
        ("| missing != 1", false),
        ("| took > 1s", true), ("| took < 2s", true), ("| took == 1500ms", true), ("| size > 4KB", true),
        ("| size < 5KB", false),
        ("| text=\"x y\"", true), ("| text!=\"x y\"", false), ("| text=~\"x.*\"", true), ("| text=~\"x\"", false),
        ("| text!~\"x.*\"", false), ("| missing=\"\"", true), ("| missing!=\"\"", false), ("| a=\"b\"", true),
        ("| ms > 200 or text=\"x y\"", true), ("| ms > 200 and text=\"x y\"", false), ("| ms > 100, ms < 200", true),
        ("| in_ner_deep=\"d\"", true), ("| in_ner_deep=\"e\"", false), ("| in_ner=\"\"", true), ("| k_l=\"m\"", true),
        ("| _1=\"one\"", true), ("| a_extracted=\"z\"", true), ("| _=\"1\"", true),
        ("| (ms > 200 or ms > 100) and size == 5KB", true), ("| trace_id=\"meta\"", true),
        ("| trace_id!=\"meta\"", false),
    ])
    func labelFiltersKeepMatchingLines(filter: String, stays: Bool) throws {
        let line =
            #"{"ms":150,"took":"1.5s","size":"5KB","text":"x y","in":{"ner":{"deep":"d"}},"k-l":"m","1":"one","a":"z","ü":"1"}"#
        #expect((try run("| json " + filter, on: line, metadata: [Label("trace_id", "meta")]) != nil) == stays)
    }

    @Test func aValueThatCannotBeComparedIsMarkedAsAnError() throws {
        #expect(try run("| json | x > 5", on: #"{"x":"many"}"#) == ["x": "many", "__error__": "LabelFilterErr"])
        #expect(try run("| json | x > 5 | __error__=\"\"", on: #"{"x":"many"}"#) == nil)
    }

    @Test func parsedLabelsShadowStructuredMetadata() throws {
        let metadata = [Label("trace_id", "meta"), Label("span_id", "s")]
        #expect(
            try run("| json", on: #"{"trace_id":"line"}"#, metadata: metadata) == ["trace_id": "line", "span_id": "s"])
        #expect(try run("| trace_id=\"meta\" | json", on: #"{"trace_id":"line"}"#, metadata: metadata) != nil)
        #expect(try run("| json | trace_id=\"meta\"", on: #"{"trace_id":"line"}"#, metadata: metadata) == nil)
    }

    @Test func dropAndKeepSelectLabels() throws {
        let line = #"{"x":1,"y":2,"z":3}"#
        #expect(try run("| json | drop x, y=\"9\", z=~\"3|4\"", on: line) == ["y": "2"])
        #expect(try run("| json | keep x", on: line) == ["x": "1"])
        #expect(try run("| json | keep x | drop __error__", on: "bad") == [:])
    }

    private static let request = #"""
        {"message":"request done","route":"/v1/tasks/{id}","status":500,"guild":"g0","fault.id":"f-0","level":"error",\#
        "error":{"type":"Timeout","message":"took \"too\" long"},"request":{"http":{"user-agent":"curl/1"},"2nd":1}}
        """#

    /// As Loki 3.6 fills them in.
    @Test(arguments: [
        ("{{.route}} {{ .status }} [{{.nope}}] {{.error_type}}", "/v1/tasks/{id} 500 [] Timeout"),
        ("{{.fault_id}} {{.request_http_user_agent}} {{.request_2nd}}", "f-0 curl/1 1"),
        ("{{.route | upper}} {{lower .message}} {{ToUpper .message}}", "/V1/TASKS/{ID} request done REQUEST DONE"),
        ("{{ .nope | default \"-\" }}{{ .guild | default \"-\" }}", "-g0"),
        ("{{trunc 4 .message}}|{{ trunc -4 .message}}|{{ .message | substr 0 3 }}", "requ|done|req"),
        ("{{ printf \"%s/%s\" .a .status}}", "b/500"),
        ("{{ printf \"%6s|%-6s|%q|%v|%d\" .level .level .level .level 3 }}", " error|error |\"error\"|error|3"),
        ("{{ printf \"%.1f %5.2f %%\" 2.5 1.005 }}", "2.5  1.00 %"),
        ("{{.message | replace \"request\" \"R\"}} {{ .message | title }}", "R done Request Done"),
        (
            "{{ trim \" a \" }}{{ trimPrefix \"/v1\" .route }}{{ .route | trimSuffix \"/{id}\" }}",
            "a/tasks/{id}/v1/tasks"
        ),
        ("{{ alignLeft 7 .level }}|{{alignRight 7 .level}}|{{ alignRight 2 .level }}", "error  |  error|or"),
        ("{{ if eq .status \"500\" }}ERR{{ else }}ok{{ end }} {{.guild}}", "ERR g0"),
        ("{{ if eq .status \"1\" \"2\" }}a{{ else if hasPrefix \"/v1\" .route }}b{{ else }}c{{ end }}", "b"),
        ("{{ if .error_type }}{{.error_type}}{{ end }} {{- .guild -}} x", "Timeoutg0x"),
        ("{{ if and .guild (not .nope) (ne .status \"200\") }}y{{ end }}{{ or .nope .guild }}", "yg0"),
        ("{{ contains \"too\" .error_message }} {{ hasSuffix \"x\" .route }} {{ 5 }} {{ true }}", "true false 5 true"),
        ("{{ add 1 .status 2 }} {{ sub (.status | int) 1 }} {{ int .route }}", "503 499 0"),
        (
            "{{ sub (__timestamp__ | unixEpochMillis | int) 7 }} {{ __timestamp__ | unixEpoch }}",
            "1700000000116 1700000000"
        ),
        ("{{ unixEpochNanos __timestamp__ }}", "1700000000123456789"),
        ("{{/* nothing */}}plain } {", "plain } {"), ("{{ `raw` }}{{ \"q\\\"\" }}", "rawq\""),
    ])
    func lineFormatFillsTheTemplate(template: String, expected: String) throws {
        let line = try process("| json | line_format `x` | line_format \(quoted(template))", on: Self.request)
        #expect(line?.rewritten == expected)
    }

    private func quoted(_ text: String) -> String { LineTemplate.quoted(text) }

    @Test func laterStagesSeeTheRewrittenLine() throws {
        #expect(try process("| line_format `[{{__line__}}]` |= `[x]`", on: "x")?.rewritten == "[x]")
        #expect(try process("| line_format `y` |= `x`", on: "x") == nil)
        #expect(try run("| line_format `{\"k\":\"{{.a}}\"}` | json", on: "x") == ["k": "b"])
        #expect(try process("|= `x`", on: "x")?.rewritten == nil)
    }

    @Test(arguments: [
        "{{ printf \"%d\" .a }}", "{{ trunc .a .a }}", "{{ eq .a 5 }}", "{{ unixEpoch .a }}", "{{ printf \"%s\" }}",
    ])
    func aFailingTemplateMarksTheLineAsAnError(template: String) throws {
        let line = try process("| line_format \(quoted(template)) |= `x`", on: "x")
        #expect(line?.labels.value("__error__") == "TemplateFormatErr")
        #expect(line?.rewritten == nil)
        #expect(try run("| label_format z=\(quoted(template))", on: "x") == ["__error__": "TemplateFormatErr"])
    }

    @Test(arguments: [
        ("{{.x", "parse error : invalid line template: unclosed action"),
        ("{{ \"x }}", "parse error : invalid line template: unterminated quoted string"),
        (
            "{{ if .x }}y",
            "parse error : invalid line template: expected {{else}}, {{else if …}} or {{end}} after {{if …}}"
        ),
        ("y{{ end }}", "parse error : invalid line template: unexpected {{else}} or {{end}}"),
        ("{{}}", "parse error : invalid line template: missing value for command"),
        ("{{ (.x }}", "parse error : invalid line template: unclosed left paren"),
        ("{{ trunc 4 }}", "parse error : invalid line template: wrong number of args for trunc: got 1"),
        ("{{ .x | \"y\" }}", "parse error : invalid line template: a pipe must lead to a function"),
        ("{{ .x .y }}", "parse error : invalid line template: can't give argument to what is no function"),
        ("{{ 5x }}", "parse error : invalid line template: bad number syntax: \"5x\""),
        ("{{.a.b}}", "pocket stack: templates name labels as in {{.status}}; `.a.` is not supported"),
        ("{{ $x }}", "pocket stack: variables in templates are not supported"),
        ("{{ range .x }}{{ end }}", "pocket stack: templates with {{range .x}} are not supported"),
        (
            "{{ date .x }}",
            "pocket stack: the template function `date` is not supported; supported are __line__, ToLower, ToUpper, "
                + "TrimSpace, add, alignLeft, alignRight, and, contains, default, eq, hasPrefix, hasSuffix, int, lower, ne, "
                + "not, or, printf, replace, sub, substr, title, trim, trimPrefix, trimSuffix, trunc, unixEpoch, "
                + "unixEpochMillis, unixEpochNanos, upper"
        ),
    ])
    func aMalformedTemplateIsRefused(template: String, message: String) {
        let error = #expect(throws: LogQLError.self) { try LineTemplate(template) }
        #expect(error?.description == message)
    }

    /// Recorded from Loki 3.6.15.
    @Test func jsonExpressionsExtractTheNamedFields() throws {
        let stages =
            "| json st=\"status\", ua=`request.http[\"user-agent\"]`, et=`error.type`, no=`error.nope`, fault=`[\"fault.id\"]`"
        #expect(
            try run(stages, on: Self.request)
                == ["st": "500", "ua": "curl/1", "et": "Timeout", "no": "", "fault": "f-0"])
        #expect(
            try run("| json status, error, l", on: #"{"status":5,"error":{"type": "T"},"l":[1, 2]}"#)
                == ["status": "5", "error": #"{"type": "T"}"#, "l": "[1, 2]"])
        #expect(try run("| json a=`x`", on: #"{"x":null}"#) == ["a_extracted": ""])
        #expect(try run("| json x", on: "not json") == ["__error__": "JSONParserErr"])
        #expect(
            try run("| logfmt p=`path`, method, no", on: "path=/a method=GET x=y path=/b")
                == ["p": "/a", "method": "GET", "no": ""])
    }

    /// Recorded from Loki 3.6.15.
    @Test func labelFormatRenamesAndSetsLabels() throws {
        let stream = [Label("level", "error"), Label("service", "gateway")]
        func labels(_ stages: String) throws -> [String: String] {
            let line = try process(
                stages, on: #"{"route":"r","guild":"g0"}"#, stream: stream, metadata: [Label("id", "7")])
            let merged = line?.labels.merged ?? []
            return Dictionary(uniqueKeysWithValues: merged.map { ($0.name, $0.value) })
        }
        #expect(
            try labels("| json | label_format svc=service, x=\"{{.route}}-{{.guild | upper}}\"")
                == ["level": "error", "svc": "gateway", "x": "r-G0", "route": "r", "guild": "g0", "id": "7"])
        #expect(
            try labels("| json | label_format service=\"x{{.service}}\", new=route")
                == ["level": "error", "service": "xgateway", "new": "r", "guild": "g0", "id": "7"])
        #expect(try labels("| label_format a=nope") == ["level": "error", "service": "gateway", "id": "7"])
        #expect(try labels("| label_format level=id") == ["level": "7", "service": "gateway"])
        #expect(try labels("| label_format id=\"{{.nope}}\"") == ["level": "error", "service": "gateway", "id": ""])
        #expect(try labels("| json | label_format route=guild | keep route, guild") == ["route": "g0"])
        #expect(try labels("| json | label_format y=\"{{.x}}1\", x=\"{{.y}}2\" | keep x, y") == ["x": "2", "y": "1"])
        #expect(try labels("| label_format kind=level | kind = \"error\" | keep kind") == ["kind": "error"])
    }

    /// Recorded from Loki 3.6.15.
    @Test(
        arguments: [
            (
                "<ip> - - [<_>] \"<method> <path> <_>\" <status> <size> <_>",
                ["ip": "10.0.0.1", "method": "GET", "path": "/p", "status": "200", "size": "30"]
            ),
            ("<_>GET <rest>", ["rest": "/p HTTP/1.1\" 200 30 extra"]), ("zzz <x> yyy", [:]),
            ("<x> - - <y> ZZ <z>", ["x": "10.0.0.1", "y": "[u] \"GET /p HTTP/1.1\" 200 30 extra"]),
            ("<ip> - - [u", ["ip": "10.0.0.1"]), ("<a> <_>", ["a_extracted": "10.0.0.1"]),
            ("10.0.0.1<x>[", ["x": " - - "]), ("0.0.1<x>[", [:]),
            ("<x>extra", ["x": "10.0.0.1 - - [u] \"GET /p HTTP/1.1\" 200 30 "]),
        ] as [(String, [String: String])])
    func thePatternStageExtractsFields(pattern: String, expected: [String: String]) throws {
        let line = "10.0.0.1 - - [u] \"GET /p HTTP/1.1\" 200 30 extra"
        #expect(try run("| pattern \(quoted(pattern))", on: line) == expected)
    }

    /// In Loki 3.6 every gap holds at least one character, and the line ends where the pattern does.
    @Test(arguments: [
        ("<_>GET /p<_>", "10.0.0.1 GET /p/1 x", true), ("<_>GET /q<_>", "10.0.0.1 GET /p/1 x", false),
        ("<_> bar", "foo bar baz", false), ("<_> baz", "foo bar baz", true), ("foo <_>", "foo bar baz", true),
        ("<_> bar <_>", " bar ", false), ("<_>bar<_>", " bar ", true), ("foo", "foo", true), ("foo", "foo x", false),
        ("bar <_>", "foo bar baz", true), ("<_>", "x", true), ("<_>", "", false), ("x<_>y", "xy", false),
    ])
    func patternFiltersKeepMatchingLines(pattern: String, line: String, matches: Bool) throws {
        #expect(try (run("|> \(quoted(pattern))", on: line) != nil) == matches)
        #expect(try (run("!> \(quoted(pattern))", on: line) == nil) == matches)
    }

    /// Recorded from Loki 3.6.15.
    @Test(
        arguments: [
            (#"(?P<ip>[\d.]+) .*"(?P<verb>\w+) (?P<path>\S+)"#, ["ip": "10.0.0.1", "verb": "GET", "path": "/p"]),
            ("zz(?P<x>.)", [:]), (#"(?P<x>zz)?(?P<y>\d+)"#, ["x": "", "y": "10"]),
            (#"(?P<a>\d+)"#, ["a_extracted": "10"]),
        ] as [(String, [String: String])])
    func theRegexpStageExtractsNamedGroups(pattern: String, expected: [String: String]) throws {
        let line = "10.0.0.1 - - [u] \"GET /p HTTP/1.1\" 200 30 extra"
        #expect(try run("| regexp \(quoted(pattern))", on: line) == expected)
    }

    @Test(arguments: [
        ("| trace_id=\"x\"", true), ("|= \"y\" | trace_id=\"x\" | json", true), ("| a=\"1\" and trace_id=\"x\"", true),
        ("| json | trace_id=\"x\"", false), ("| trace_id=\"x\" or a=\"1\"", false), ("| trace_id!=\"x\"", false),
        ("| drop trace_id | trace_id=\"\"", false), ("| trace_id=\"\"", false),
        ("| line_format \"y\" | trace_id=\"x\"", true), ("| label_format y=a | trace_id=\"x\"", false),
    ])
    func aTraceIDFilterUsesTheIndexWherePossible(stages: String, expected: Bool) throws {
        guard case .logs(let pipeline) = try LogQLParser.parse("{a=\"b\"} " + stages) else { return }
        #expect((pipeline.traceKey != nil) == expected)
    }
}
