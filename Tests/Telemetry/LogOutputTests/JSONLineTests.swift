import Encoding
import Logging
import Testing
import TraceContext
import Tracing

@testable import LogOutput

@Suite("A log line in JSON")
struct JSONLineTests {
    @Test func aLineHasItsPartsInOrder() {
        let identity = LogIdentity(service: "tasks", version: "1.2.3", environment: "demo", region: "eu-north-1")
        let fields: Logger.Metadata = [
            "task_id": "t-1", "amount": .integer(-250), "duration_ms": .double(12.75), "retried": .bool(true),
            "limits": .dictionary(["memory_bytes": .integer(1024), "name": "a"]), "tries": .array([1, 2.5, "three"]),
        ]
        let written = line(
            .json, .warning, "captured", fields, loggerFields: ["component": "saga"],
            context: context(span: exampleSpan, requestID: "r-9"), identity: identity)
        #expect(
            written
                == #"{"timestamp":"2026-11-20T16:32:01.123456Z","level":"warning","service":"tasks","message":"captured","#
                + #""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_sampled":true,"#
                + #""request_id":"r-9","version":"1.2.3","environment":"demo","region":"eu-north-1","component":"saga","#
                + #""task_id":"t-1","amount":-250,"duration_ms":12.75,"retried":true,"#
                + #""limits":{"memory_bytes":1024,"name":"a"},"tries":[1,2.5,"three"]}"# + "\n")
    }

    @Test func unknownPartsAreLeftOut() {
        #expect(
            line() == #"{"timestamp":"2026-11-20T16:32:01.123456Z","level":"info","service":"tasks","message":"hello"}"#
                + "\n")
        var span = exampleSpan
        span.traceFlags = []
        #expect(line(context: context(span: span)).contains(#""span_id":"00f067aa0ba902b7","trace_sampled":false}"#))
        #expect(line(context: context(requestID: "r")).hasSuffix(#""message":"hello","request_id":"r"}"# + "\n"))
    }

    @Test(arguments: Logger.Level.allCases)
    func everyLevelHasItsName(level: Logger.Level) {
        #expect(line(.json, level).contains(#""level":"\#(level.rawValue)","service""#))
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("", #""""#), ("two\nlines\r\n", #""two\nlines\r\n""#),
        ("tab\tquote\"back\\slash", #""tab\tquote\"back\\slash""#),
        ("bell\u{7} null\u{0} esc\u{1B}[31m", #""bell\u0007 null\u0000 esc\u001b[31m""#),
        ("Größe 🦀 \u{2028} \u{7F}", "\"Größe 🦀 \u{2028} \u{7F}\""), ("seven77\"", #""seven77\"""#),
        ("eight888\n9", #""eight888\n9""#),
        ("\"12345678\\12345678\u{1F}", #""\"12345678\\12345678\u001f""#),
    ])
    func textIsEscapedEverywhere(text: String, json: String) throws {
        let written = line(
            .json, .info, text, [text + "k": .string(text)], context: context(requestID: text))
        #expect(written.contains(#""message":\#(json)"#))
        #expect(written.contains(#""request_id":\#(json)"#))
        #expect(written.filter { $0 == "\n" || $0 == "\r\n" }.count == 1)
        let object = try JSONValue(parsing: Array(written.utf8))
        #expect(object["message"]?.string == text && object[text + "k"]?.string == text)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0.0"), (1.0, "1"), (-3.0, "-3"), (0.5, "0.5"), (12.75, "12.75"), (0.125, "0.125"),
        (-0.001, "-0.001"), (7.05, "7.05"),
        (0.0001, "0.0001"), (0.1 + 0.2, "0.30000000000000004"), (1e300, "1e+300"), (123_456_789.125, "123456789.125"),
        (1.0 / 3, "0.3333333333333333"), (.infinity, #""inf""#), (-.infinity, #""-inf""#), (.nan, #""nan""#),
        (9_007_199_254_740_992, "9007199254740992.0"),
        (.leastNonzeroMagnitude, "5e-324"),
    ])
    func numbersReadBackUnchanged(number: Double, json: String) throws {
        let written = line(.json, .info, "m", ["n": .double(number)])
        #expect(written.hasSuffix(#","n":\#(json)}"# + "\n"))
        let object = try JSONValue(parsing: Array(written.utf8))
        if number.isFinite { #expect(object["n"]?.double == number) }
    }

    @Test(arguments: [0, 9, 10, -1, .max, .min] as [Int64])
    func integersReadBackUnchanged(number: Int64) {
        #expect(line(.json, .info, "m", ["n": .integer(number)]).hasSuffix(#","n":\#(number)}"# + "\n"))
    }

    @Test(arguments: [
        "timestamp", "level", "service", "message", "trace_id", "span_id", "trace_sampled", "request_id", "version",
        "environment", "region", "error", "source",
    ])
    func aFieldNamedLikeAPartIsRenamed(name: String) {
        #expect(line(.json, .info, "m", [name + "x": "a"]).hasSuffix(#""message":"m","\#(name)x":"a"}"# + "\n"))
        #expect(
            line(.json, .info, "m", ["a": "b"], loggerFields: .init(dictionaryLiteral: (name, 5)))
                .hasSuffix(#""message":"m","field_\#(name)":5,"a":"b"}"# + "\n"))
    }

    @Test func theLastFieldOfANameWins() {
        #expect(line(.json, .info, "m", ["a": 1, "b": 2, "a": 3]).hasSuffix(#","b":2,"a":3}"# + "\n"))
        #expect(
            line(.json, .info, "m", ["a": 1, "c": 4], loggerFields: ["b": 5, "a": 2])
                .hasSuffix(#","b":5,"a":1,"c":4}"# + "\n"))
        #expect(line(.json, .info, "m", ["d": .dictionary(["x": 1, "x": 2])]).hasSuffix(#""d":{"x":2}}"# + "\n"))
        #expect(line(.json, .info, "m", ["": 1]).hasSuffix(#","":1}"# + "\n"))
    }

    @Test func namesThatShareAHashBitStayDistinct() {
        // Far more names than bits.
        var fields: Logger.Metadata = [:]
        for number in 0..<300 { fields["name_\(number)"] = .integer(Int64(number)) }
        let written = line(.json, .info, "m", fields)
        for number in 0..<300 { #expect(written.contains(#""name_\#(number)":\#(number)"#)) }
    }

    struct LedgerError: StackTraceError, CustomStringConvertible {
        var description = "no \"funds\""
        var stackTrace = "a\nb"
    }
    enum PlainError: Error { case closed }

    @Test func anErrorIsWrittenAsAnObject() {
        #expect(
            line(.json, .error, "m", ["a": 1], error: PlainError.closed).hasSuffix(
                #","a":1,"error":{"type":"LogOutputTests.JSONLineTests.PlainError","message":"closed"}}"# + "\n"))
        #expect(
            line(.json, .error, "m", ["error": "text"], error: LedgerError()).hasSuffix(
                #","field_error":"text","error":{"type":"LogOutputTests.JSONLineTests.LedgerError","#
                    + #""message":"no \"funds\"","stack":"a\nb"}}"# + "\n"))
    }

    @Test func theSourceIsWrittenOnDemand() {
        #expect(line(.json, .info, "m", source: true).hasSuffix(#","source":"TasksService/Saga.swift:12"}"# + "\n"))
    }

    @Test func timestampsFollowTheClock() {
        var encoder = LogLineEncoder(format: .json, identity: LogIdentity(service: "s"), source: false)
        for (nanoseconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"), (999_999_999, "1970-01-01T00:00:00.999999Z"),
            (1_000_000_000, "1970-01-01T00:00:01.000000Z"), (951_827_696_007_000_000, "2000-02-29T12:34:56.007000Z"),
            (951_827_696_070_999_999, "2000-02-29T12:34:56.070999Z"), (1000, "1970-01-01T00:00:00.000001Z"),
            (1999, "1970-01-01T00:00:00.000001Z"), (10_203_000, "1970-01-01T00:00:00.010203Z"),
        ] as [(UInt64, String)] {
            var output = ByteWriter()
            LogEvent(level: .info, message: "m").lend {
                encoder.encode($0, [:], LogLine.Origin(context: nil, error: nil), at: nanoseconds, to: &output)
            }
            #expect(output.string.hasPrefix(#"{"timestamp":"\#(text)","level""#))
        }
    }
}
