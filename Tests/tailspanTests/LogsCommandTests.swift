import CommandLine
import Testing
import Verification

@testable import tailspan

@Suite("tailspan logs")
struct LogsCommandTests {
    private func query(_ arguments: String) -> String? {
        let words = ["logs"] + arguments.split(separator: " ").map(String.init)
        guard case .run(let command, _) = Tailspan.program.parse(words) else { return nil }
        return (command as? LogsCommand)?.query
    }

    @Test(
        "What is asked of Loki",
        arguments: [
            ("", #"{service_namespace="tailspan"}"#),
            ("--service gateway", #"{service_namespace="tailspan",service_name=~"gateway"}"#),
            ("-s gateway -s tasks", #"{service_namespace="tailspan",service_name=~"gateway|tasks"}"#),
            ("--service a.b", #"{service_namespace="tailspan",service_name=~"a\\.b"}"#),
            (#"--grep a"b\c"#, #"{service_namespace="tailspan"} |= "a\"b\\c""#),
            (
                "--trace 00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                #"{service_namespace="tailspan"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#
            ),
            (
                "--level warning",
                #"{service_namespace="tailspan"} | level=~"warning|error|critical" or detected_level=~"critical|error|warn""#
            ),
        ])
    func query(arguments: String, query: String) {
        #expect(self.query(arguments) == query)
    }

    private func record(_ time: UInt64, _ line: String) -> LogRecord {
        LogRecord(timestampNS: time * 1_000_000_000, labels: [:], line: line)
    }

    @Test("Following shows each line once, also those that come late or are alike")
    func following() {
        var recent = RecentLines([record(10, "a"), record(11, "b")])
        func new(_ records: [LogRecord], _ now: UInt64) -> [String] {
            recent.new(among: records, now: now * 1_000_000_000).map(\.line)
        }
        #expect(new([record(10, "a"), record(11, "b")], 12) == [])
        #expect(new([record(10, "a"), record(10, "late"), record(11, "b"), record(12, "c")], 13) == ["late", "c"])
        #expect(new([record(11, "b"), record(12, "c"), record(12, "c")], 14) == ["c"])
        #expect(new([record(12, "c"), record(12, "c")], 40) == [])
    }

    @Test("What the limit left out, or is older than asked for, does not come up while following")
    func beginning() {
        var recent = RecentLines([record(10, "b"), record(11, "c")], since: 10_000_000_000)
        let lines = recent.new(among: [record(9, "a"), record(10, "late"), record(10, "b"), record(12, "d")], now: 0)
        #expect(lines.map(\.line) == ["late", "d"])
    }

    @Test("What is remembered is bounded by time")
    func bounded() {
        var recent = RecentLines([])
        for second in UInt64(100)..<1100 {
            let window = (second - 29...second).map { record($0, "line") }
            _ = recent.new(among: window, now: second * 1_000_000_000)
        }
        #expect(recent.count <= 61)
    }

    @Test(
        "Trace ids as people paste them",
        arguments: [
            ("4bf92f3577b34da6a3ce929d0e0e4736", true), ("4BF92F3577B34DA6A3CE929D0E0E4736", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true), ("4bf92f35", false), ("", false),
            ("00000000000000000000000000000000", false), ("4bf92f3577b34da6a3ce929d0e0e473g", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736", false),
        ])
    func traceIDs(text: String, isWellFormed: Bool) {
        #expect(TraceCommand.traceID(in: text) == (isWellFormed ? "4bf92f3577b34da6a3ce929d0e0e4736" : nil))
    }
}
