import CommandLine
import Encoding
import Testing

@testable import tailspan

@Suite("What is told of a running environment")
struct StackReportTests {
    private func told(_ mode: StackReport.Mode, isInteractive: Bool = false, _ events: [SupervisorEvent]) -> String {
        let sink = MemorySink(columns: 80)
        let report = StackReport(
            Terminal(sink: sink, isInteractive: isInteractive), mode: mode, clock: WallClock { SampleTrace.start })
        for event in events { report.show(event, states: [("gateway", .ready), ("tasks", .starting)]) }
        report.finish()
        return sink.text
    }

    private static let line =
        #"{"timestamp":"2026-11-20T16:32:01.001Z","level":"info","service":"gateway","message":"hello","n":1}"#
    private static let events: [SupervisorEvent] = [
        .state(part: "gateway", .ready), .line(part: "gateway", .output, line), .line(part: "gateway", .errors, "oops"),
        .state(part: "tasks", .exited(.signal(9))), .died(part: "tasks", .signal(9)),
    ]

    @Test("In a pipe: states and log lines, one a line")
    func piped() {
        #expect(
            told(.full, Self.events) == """
                gateway is ready
                16:32:01.001  gateway   INFO     hello  n=1
                        stderr  gateway   oops
                tasks exited with signal 9 (Killed)
                tasks died: signal 9 (Killed); nothing is restarted

                """)
    }

    @Test("Quiet: no log lines, but what is on standard error")
    func quiet() {
        let text = told(.quiet, Self.events)
        #expect(!text.contains("hello"))
        #expect(text.contains("oops"))
        #expect(text.contains("gateway is ready"))
    }

    @Test("Silent: only what goes wrong")
    func silent() {
        #expect(
            told(.silent, Self.events) == """
                        stderr  gateway   oops
                tasks died: signal 9 (Killed); nothing is restarted

                """)
    }

    @Test("JSON: the services' lines as they are, everything else an object with the member event")
    func json() throws {
        let lines = told(.json, Self.events).split(separator: "\n").map(String.init)
        #expect(lines[1] == Self.line)
        let values = try lines.map { try JSONValue(parsing: $0) }
        #expect(values.map { $0["event"]?.string } == ["state", nil, "stderr", "state"])
        #expect(values[3]["signal"] == 9)
    }

    @Test("On a terminal the states stand at the bottom, and go at the end")
    func terminal() {
        let text = told(.full, isInteractive: true, Self.events)
        #expect(text.hasPrefix("● gateway ready  ◌ tasks starting\n\u{1B}[1A\r\u{1B}[J16:32:01.001  gateway"))
        #expect(text.hasSuffix("● gateway ready  ◌ tasks starting\n\u{1B}[1A\r\u{1B}[J"))
    }

    @Test("A line that is no JSON is shown as it is, without control sequences")
    func plainLine() {
        let text = told(.full, [.line(part: "gateway", .output, "not \u{1B}[31mJSON")])
        #expect(text == "16:32:01.000  gateway   -        not \u{FFFD}[31mJSON\n")
    }
}
