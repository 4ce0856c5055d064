import Arguments
import Testing
import Verification

@testable import Rendering
@testable import tailspan

@Suite("The logs command")
struct LogsCommandTests {
    private func query(_ arguments: String) -> String? {
        let words = ["logs"] + arguments.split(separator: " ").map(String.init)
        guard case .run(let command, _) = Tailspan.program.parse(words) else { return nil }
        guard let command = command as? LogsCommand else { return nil }
        return command.query(traceID: command.trace?.argument)
    }

    @Test(
        "The options become a LogQL query",
        arguments: [
            ("", #"{service_namespace="tailspan"}"#),
            ("--service gateway", #"{service_name=~"gateway"}"#),
            ("-s gateway -s tasks", #"{service_name=~"gateway|tasks"}"#),
            ("--service a.b", #"{service_name=~"a\\.b"}"#),
            (#"--grep a"b\c"#, #"{service_namespace="tailspan"} |= "a\"b\\c""#),
            (
                "--trace 00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                #"{service_name=~".+"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#
            ),
            (
                "--level warning",
                #"{service_namespace="tailspan"} | level=~"warning|error|critical" or detected_level=~"critical|error|warn""#
            ),
        ])
    func optionsBecomeALogQLQuery(arguments: String, query: String) {
        #expect(self.query(arguments) == query)
    }

    private func record(_ time: UInt64, _ line: String) -> LogRecord {
        LogRecord(timestampNS: time * 1_000_000_000, labels: [:], line: line)
    }

    @Test("Following shows each line once, also late lines and equal ones")
    func followingShowsEachLineOnce() {
        var recent = RecentLines([record(10, "a"), record(11, "b")])
        func new(_ records: [LogRecord], _ now: UInt64) -> [String] {
            recent.new(among: records, now: now * 1_000_000_000).map(\.line)
        }
        #expect(new([record(10, "a"), record(11, "b")], 12) == [])
        #expect(new([record(10, "a"), record(10, "late"), record(11, "b"), record(12, "c")], 13) == ["late", "c"])
        #expect(new([record(11, "b"), record(12, "c"), record(12, "c")], 14) == ["c"])
        #expect(new([record(12, "c"), record(12, "c")], 40) == [])
    }

    @Test("Following shows no lines that the limit left out or that are too old")
    func followingShowsNoOlderLines() {
        var recent = RecentLines([record(10, "b"), record(11, "c")], since: 10_000_000_000)
        let lines = recent.new(among: [record(9, "a"), record(10, "late"), record(10, "b"), record(12, "d")], now: 0)
        #expect(lines.map(\.line) == ["late", "d"])
    }

    @Test("The memory of shown lines is bounded by time")
    func theMemoryOfShownLinesIsBounded() {
        var recent = RecentLines([])
        for second in UInt64(100)..<1100 {
            let window = (second - 29...second).map { record($0, "line") }
            _ = recent.new(among: window, now: second * 1_000_000_000)
        }
        #expect(recent.count <= 61)
    }

    @Test("Lines are shown in the order of their times, and equal times keep their order")
    func linesAreShownInTheOrderOfTheirTimes() {
        func line(_ time: String, _ level: String) -> LogRecord {
            LogRecord(
                timestampNS: 1_795_192_321_000_000_000, labels: [:],
                line: #"{"timestamp":"2026-11-20T16:32:01.\#(time)Z","level":"\#(level)","message":"m"}"#)
        }
        let lines = [
            line("000120", "error"), line("000119", "info"), line("000300", "warning"), line("000300", "debug"),
            line("000300", "error"), line("000002", "info"),
        ]
        #expect(
            lines.inOrderOfTime.map { "\($0.level ?? "") \($0.momentNS % 1_000_000 / 1000)" } == [
                "info 2", "info 119", "error 120", "warning 300", "debug 300", "error 300",
            ])
    }

    @Test(
        "Contradictory and malformed options are refused",
        arguments: [
            "--since 0s", "--since 5m --until 10m", "--since 2026-11-20T16:00:00Z --until 2026-11-20T15:00:00Z",
            "--since 2999-01-01T00:00:00Z", "--since yesterday", "--until 16:00", "--follow --until 1m", "--trace 4bf",
            "--since 2026-11-20",
        ])
    func contradictoryOptionsAreRefused(arguments: String) {
        let words = ["logs"] + arguments.split(separator: " ").map(String.init)
        guard case .misuse(let message) = Tailspan.program.parse(words) else {
            Issue.record("\(arguments) was taken")
            return
        }
        #expect(message.contains("expected"))
    }
}
