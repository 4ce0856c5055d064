import Testing

@testable import PocketStack

@Suite struct LogPipelineTests {
    /// The labels that a line has after the pipeline, stream labels aside; `nil` if it was dropped.
    private func run(
        _ stages: String, on line: String, stream: [Label] = [Label("a", "b")], metadata: [Label] = []
    ) throws -> [String: String]? {
        guard case .logs(let pipeline) = try LogQLParser.parse("{a=\"b\"} " + stages) else { return nil }
        let compiled = CompiledPipeline(pipeline)
        var line = line
        var stored: [UInt8] = []
        LogMetadata.append(metadata, to: &stored)
        let labels = line.withUTF8 { text in
            stored.withUnsafeBufferPointer { metadata -> LineLabels? in
                let line = StoredLine(
                    time: 0, stream: LogStream(id: 1, labels: stream), metadataBytes: metadata, text: text)
                return compiled.admits(text) ? compiled.process(line)?.labels : nil
            }
        }
        guard let labels else { return nil }
        let rest = labels.merged.filter { !stream.contains($0) && $0.name != "__error_details__" }
        return Dictionary(uniqueKeysWithValues: rest.map { ($0.name, $0.value) })
    }

    @Test(arguments: [
        ("|= \"ell\"", true), ("|= \"elk\"", false), ("!= \"ell\"", false), ("!= \"elk\"", true), ("|= \"\"", true),
        ("|~ \"h.l+o\"", true), ("|~ \"^ell\"", false), ("!~ \"w.r\"", false), ("|~ \"(?i)HELLO\"", true),
        ("|= \"nope\" or \"world\"", true), ("|= \"nope\" or \"never\"", false), ("!= \"nope\" or \"world\"", false),
        ("|= \"hello\" |= \"world\"", true), ("|= \"hello\" != \"world\"", false), ("|= \"ö\"", true),
        ("|= \"hello wörld!\"", true), ("|= \"hello wörld!!\"", false),
    ])
    func filtersLines(stages: String, stays: Bool) throws {
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
    func parsesJSON(line: String, expected: [String: String]) throws {
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
    func parsesLogfmt(line: String, expected: [String: String]) throws {
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
    func filtersByLabels(filter: String, stays: Bool) throws {
        let line =
            #"{"ms":150,"took":"1.5s","size":"5KB","text":"x y","in":{"ner":{"deep":"d"}},"k-l":"m","1":"one","a":"z","ü":"1"}"#
        #expect((try run("| json " + filter, on: line, metadata: [Label("trace_id", "meta")]) != nil) == stays)
    }

    @Test func marksWhatItCannotCompare() throws {
        #expect(try run("| json | x > 5", on: #"{"x":"many"}"#) == ["x": "many", "__error__": "LabelFilterErr"])
        #expect(try run("| json | x > 5 | __error__=\"\"", on: #"{"x":"many"}"#) == nil)
    }

    @Test func hidesMetadataBehindParsedLabels() throws {
        let metadata = [Label("trace_id", "meta"), Label("span_id", "s")]
        #expect(
            try run("| json", on: #"{"trace_id":"line"}"#, metadata: metadata) == ["trace_id": "line", "span_id": "s"])
        #expect(try run("| trace_id=\"meta\" | json", on: #"{"trace_id":"line"}"#, metadata: metadata) != nil)
        #expect(try run("| json | trace_id=\"meta\"", on: #"{"trace_id":"line"}"#, metadata: metadata) == nil)
    }

    @Test func dropsAndKeepsLabels() throws {
        let line = #"{"x":1,"y":2,"z":3}"#
        #expect(try run("| json | drop x, y=\"9\", z=~\"3|4\"", on: line) == ["y": "2"])
        #expect(try run("| json | keep x", on: line) == ["x": "1"])
        #expect(try run("| json | keep x | drop __error__", on: "bad") == [:])
    }

    @Test(arguments: [
        ("| trace_id=\"x\"", true), ("|= \"y\" | trace_id=\"x\" | json", true), ("| a=\"1\" and trace_id=\"x\"", true),
        ("| json | trace_id=\"x\"", false), ("| trace_id=\"x\" or a=\"1\"", false), ("| trace_id!=\"x\"", false),
        ("| drop trace_id | trace_id=\"\"", false), ("| trace_id=\"\"", false),
    ])
    func usesTheTraceIndexWhereItMay(stages: String, expected: Bool) throws {
        guard case .logs(let pipeline) = try LogQLParser.parse("{a=\"b\"} " + stages) else { return }
        #expect((pipeline.traceKey != nil) == expected)
    }
}
