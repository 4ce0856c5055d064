import Logging
import Testing

@testable import LogOutput

@Suite("A log line in plain text")
struct TextLineTests {
    @Test func aLineHasItsPartsInOrder() {
        let written = line(
            .text, .info, "task done", ["task_id": "t-1", "duration_ms": 12.5, "ok": true],
            loggerFields: ["component": "saga"],
            context: context(span: exampleSpan, requestID: "r-9"),
            identity: LogIdentity(service: "tasks", version: "1", environment: "demo", region: "eu"))
        #expect(
            written == "2026-11-20T16:32:01.123456Z INFO  tasks  task done  trace_id=4bf92f3577b34da6a3ce929d0e0e4736 "
                + "span_id=00f067aa0ba902b7 trace_sampled=true request_id=r-9 component=saga task_id=t-1 "
                + "duration_ms=12.5 ok=true\n")
        #expect(line(.text) == "2026-11-20T16:32:01.123456Z INFO  tasks  hello\n")
    }

    @Test(arguments: [
        (Logger.Level.trace, "TRACE tasks"), (.debug, "DEBUG tasks"), (.info, "INFO  tasks"), (.notice, "NOTICE tasks"),
        (.warning, "WARNING tasks"), (.error, "ERROR tasks"), (.critical, "CRITICAL tasks"),
    ])
    func everyLevelHasItsName(level: Logger.Level, text: String) {
        #expect(line(.text, level) == "2026-11-20T16:32:01.123456Z \(text)  hello\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#),
        (#"say "hi""#, #""say \"hi\"""#),
        (#"C:\x"#, #""C:\\x""#), ("one\ntwo", #""one\ntwo""#), ("Größe🦀", "Größe🦀"),
        ("/v1/tasks/{id}", "/v1/tasks/{id}"),
    ])
    func valuesAreQuotedAsNeeded(value: String, text: String) {
        #expect(line(.text, .info, "m", ["k": .string(value)]).hasSuffix("  m  k=\(text)\n"))
    }

    @Test func aMessageStaysOnItsLine() {
        #expect(line(.text, .info, "a\nb\tc\r\u{1B}[31m").hasSuffix(#"  a\nb\tc\r\u001b[31m"# + "\n"))
    }

    @Test func nestedFieldsAreFlattened() {
        let fields: Logger.Metadata = [
            "http": .dictionary(["status": 500, "route": .dictionary(["name": "a b"])]), "list": .array([1, "x"]),
            "bad name=": 1,
        ]
        #expect(
            line(.text, .info, "m", fields).hasSuffix(
                #"  http.status=500 http.route.name="a b" list="[1,\"x\"]" bad_name_=1"# + "\n"))
    }

    @Test func namesAreUniqueAndReservedOnesRenamed() {
        #expect(
            line(.text, .info, "m", ["a": 1, "level": "x"], loggerFields: ["a": 2]).hasSuffix(
                "  m  a=1 field_level=x\n"))
        #expect(line(.text, .info, "m", ["error": .dictionary(["type": "x"])]).hasSuffix("  m  field_error.type=x\n"))
    }

    @Test func anErrorIsWrittenAsPairs() {
        #expect(
            line(.text, .error, "m", error: JSONLineTests.LedgerError()).hasSuffix(
                #"  m  error.type=LogOutputTests.JSONLineTests.LedgerError error.message="no \"funds\"" error.stack="a\nb""#
                    + "\n"))
        #expect(line(.text, .info, "m", source: true).hasSuffix("  m  source=TasksService/Saga.swift:12\n"))
    }
}
