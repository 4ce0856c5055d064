import Encoding
import Terminal
import Testing

@testable import Rendering
@testable import Supervision

@Suite("The report about a running environment")
struct StackReportTests {
    private func told(_ mode: StackReport.Mode, isInteractive: Bool = false, _ events: [SupervisorEvent]) -> String {
        let sink = MemorySink(columns: 80)
        let report = StackReport(
            Terminal(sink: sink, isInteractive: isInteractive), mode: mode, clock: WallClock { SampleTrace.start })
        for event in events {
            report.show(event, states: [("gateway", .ready), ("tasks", .starting)])
            if case .died(let part, let death) = event { report.showDeath(of: part, death, then: "others go on") }
        }
        report.finish()
        return sink.text
    }

    private static let line =
        #"{"timestamp":"2026-11-20T16:32:01.001Z","level":"info","service":"gateway","message":"hello","n":1}"#
    private static let events: [SupervisorEvent] = [
        .state(part: "gateway", .ready), .line(part: "gateway", .output, line), .line(part: "gateway", .errors, "oops"),
        .state(part: "tasks", .exited(.signal(9))),
        .died(part: "tasks", Death(exit: .signal(9), lastLines: [(.output, line), (.errors, "Fatal \u{1B}[2J")])),
    ]

    @Test("A pipe gets states and log lines, one a line")
    func aPipeGetsStatesAndLogLines() {
        #expect(
            told(.full, Self.events) == """
                gateway is ready
                16:32:01.001  gateway   INFO     hello  n=1
                        stderr  gateway   oops
                tasks exited with signal 9 (Killed)
                tasks died: signal 9 (Killed); others go on
                the last that it wrote:
                    16:32:01.001  gateway   INFO     hello  n=1
                    Fatal \u{FFFD}[2J

                """)
    }

    @Test("Quiet mode shows standard error, and log lines only of a part that died")
    func quietModeShowsOnlyTheLastLinesOfADeadPart() throws {
        let text = told(.quiet, Self.events)
        #expect(text.split(separator: "\n").count { $0.contains("hello") } == 1)
        #expect(
            try #require(text.firstRange(of: "hello")).lowerBound > #require(text.firstRange(of: "died")).lowerBound)
        #expect(text.contains("oops"))
        #expect(text.contains("gateway is ready"))
    }

    @Test("Silent mode shows failures alone")
    func silentModeShowsFailuresAlone() {
        #expect(
            told(.silent, Self.events) == """
                        stderr  gateway   oops
                tasks died: signal 9 (Killed); others go on
                the last that it wrote:
                    16:32:01.001  gateway   INFO     hello  n=1
                    Fatal \u{FFFD}[2J

                """)
    }

    @Test("JSON mode keeps the services' lines and writes an object for everything else")
    func jsonModeKeepsTheServicesLines() throws {
        let lines = told(.json, Self.events).split(separator: "\n").map(String.init)
        #expect(lines[1] == Self.line)
        let values = try lines.map { try JSONValue(parsing: $0) }
        #expect(values.map { $0["event"]?.string } == ["state", nil, "stderr", "state", "died"])
        #expect(values[3]["signal"] == 9)
        #expect(values[4]["part"] == "tasks")
        #expect(values[4]["signal"] == 9)
        #expect(values[4]["last_lines"]?.array?.count == 2)
    }

    @Test("A terminal shows the states at the bottom and clears them at the end")
    func aTerminalShowsTheStatesAtTheBottom() {
        let text = told(.full, isInteractive: true, Self.events)
        let states =
            "● gateway" + String(repeating: " ", count: 18) + "◌ tasks\nready" + String(repeating: " ", count: 22)
        #expect(
            text.hasPrefix(states + "starting\n\u{1B}[2A\r\u{1B}[J16:32:01.001  gateway"), "\(text.debugDescription)")
        #expect(text.hasSuffix("starting\n\u{1B}[2A\r\u{1B}[J"))
    }

    @Test("A change of health is reported once, as a line or as an object")
    func aChangeOfHealthIsReportedOnce() throws {
        for mode in [StackReport.Mode.requests, .json] {
            let sink = MemorySink(columns: 80)
            let report = StackReport(Terminal(sink: sink), mode: mode)
            report.show(.state(part: "tasks", .ready), states: [("tasks", .ready), ("pocket", .starting)])
            _ = sink.take()
            for health in [PartHealth.answers, .silent, .silent, .unready, .answers] {
                report.show(PartReading(health: health), of: "tasks")
                report.show(PartReading(health: health), of: "pocket")
            }
            let lines = sink.take().split(separator: "\n").map(String.init)
            if mode == .json {
                #expect(
                    try lines.map { try JSONValue(parsing: $0)["health"]?.string }
                        == ["not answering", "not ready", "ready"])
            } else {
                #expect(lines == ["tasks is not answering", "tasks is not ready", "tasks is ready"])
            }
        }
    }

    @Test("A line is cut to the width of a terminal and whole in a pipe", arguments: [true, false])
    func aLineIsCutToTheTerminalAndWholeInAPipe(isInteractive: Bool) throws {
        let long = #"{"level":"error","service":"tasks","message":"\#(String(repeating: "x", count: 200))"}"#
        let text = told(.full, isInteractive: isInteractive, [.line(part: "tasks", .output, long)])
        let line = try #require(text.split(separator: "\n").first { $0.contains("xxx") })
        #expect(line.hasSuffix(isInteractive ? "x…" : "x"))
        #expect(line.count == (isInteractive ? 79 : 33 + 200), "\(line)")
    }

    @Test("A line that is not JSON is shown as it is, without control sequences")
    func aLineThatIsNotJSONIsShownWithoutControls() {
        let text = told(.full, [.line(part: "gateway", .output, "not \u{1B}[31mJSON")])
        #expect(text == "16:32:01.000  gateway   -        not \u{FFFD}[31mJSON\n")
    }
}
