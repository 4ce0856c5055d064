import Testing
import Verification

@testable import Rendering
@testable import Supervision
@testable import Terminal

@Suite("The rendering of durations and log lines")
struct RenderingTests {
    @Test(
        "A duration is written with a suitable unit",
        arguments: [
            (.zero, "0 ns"), (.nanoseconds(999), "999 ns"), (.microseconds(312), "312 µs"),
            (.nanoseconds(999_600), "1.00 ms"),
            (.microseconds(84_230), "84.2 ms"), (.milliseconds(1254), "1.25 s"), (.microseconds(9_996), "10.0 ms"),
            (.milliseconds(999), "999 ms"), (.milliseconds(59_940), "59.9 s"), (.seconds(123), "2m 03s"),
            (.seconds(3720), "1h 02m"), (.milliseconds(-5), "-5.00 ms"),
        ] as [(Duration, String)])
    func aDurationIsWrittenWithASuitableUnit(duration: Duration, text: String) {
        #expect(duration.short == text)
    }

    @Test("A log line is written for people")
    func aLogLineIsWrittenForPeople() {
        let style = LogLineStyle.usual
        #expect(
            style.render(SampleTrace.lines[3]).plain
                == "16:32:01.071  gateway   WARNING  request refused  status=402 duration_ms=79.123  trace=4bf92f35")
        #expect(
            style.render(SampleTrace.lines[2]).plain
                == "16:32:01.060  tasks     ERROR    call failed  error=\"HTTPError: no money\"  trace=4bf92f35")
        let plain = LogRecord(timestampNS: SampleTrace.start, labels: ["service": "gateway"], line: "no JSON")
        #expect(style.render(plain).plain == "16:32:01.000  gateway   -        no JSON")
    }

    @Test("Levels and services have their colours")
    func levelsAndServicesHaveTheirColours() {
        let text = LogLineStyle.usual.render(SampleTrace.lines[2])
        #expect(text.parts.contains { $0.text == "ERROR" && $0.style == .color(.red) })
        #expect(text.parts.contains { $0.text == "tasks" && $0.style == LogLineStyle.usual.service("tasks") })
    }

    @Test(
        "Pieces of output are joined and split into lines",
        arguments: [
            (["one\ntwo\n"], ["one", "two"], nil), (["o", "ne\nt", "wo"], ["one"], "two"), (["\r\n\n"], ["", ""], nil),
            ([""], [], nil), (["12345678"], ["1234", "5678"], nil),
        ] as [([String], [String], String?)])
    func piecesAreJoinedAndSplitIntoLines(pieces: [String], lines: [String], rest: String?) {
        var splitter = OutputSplitter(limit: 4)
        #expect(pieces.flatMap { splitter.append($0.utf8) } == lines)
        #expect(splitter.finish() == rest)
        #expect(splitter.finish() == nil)
    }
}
