import Encoding
import Terminal
import Testing

@testable import tailspan

@Suite("The settings command")
struct SettingsCommandTests {
    private static func output(_ arguments: [String], terminal columns: Int? = nil) -> String {
        let sink = MemorySink(columns: columns)
        let tools = Tools(
            out: Terminal(sink: sink, isInteractive: columns != nil), err: Terminal(sink: MemorySink()),
            environment: [:])
        #expect(Tailspan.run(["settings"] + arguments, tools) == 0)
        return sink.text
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    @Test("On a terminal of 80 columns no line is longer") func noLineIsLongerThanTheTerminal() throws {
        let lines = Self.lines(Self.output([], terminal: 80))
        #expect(lines.count > 250)
        for line in lines where line.count > 80 {
            // A word that cannot be broken, such as a URL.
            #expect(!line.trimmingPrefix { $0 == " " }.contains(" "), "\(line)")
        }
        let at = try #require(lines.firstIndex(of: "  LOG_MAX_FILES"))
        #expect(
            Array(lines[at..<(at + 4)]) == [
                "  LOG_MAX_FILES",
                "      how many rotated files are kept; 0 turns rotation off",
                "      default: 5; value: a whole number from 0 to 1000; read by: services",
                "  LOG_SOURCE",
            ])
        #expect(lines.contains("Log lines") && !lines.contains { $0.contains("`") })
    }

    @Test("In a pipe each variable is one whole line, without colours") func eachVariableIsOneLineInAPipe() throws {
        let lines = Self.lines(Self.output([]))
        let names = lines.map { String($0.prefix { $0 != " " }) }
        #expect(names.first == "VARIABLE" && names.contains("LOG_LEVEL") && Set(names).count == lines.count)
        #expect(!lines.contains { $0.contains("\u{1B}") || $0.contains("…") })
        let line = try #require(lines.first { $0.hasPrefix("EXECUTOR_THREADS ") })
        let cells = line.split(separator: /[ ]{2,}/).map(String.init)
        #expect(
            cells == [
                "EXECUTOR_THREADS", "2", "a whole number from 1 to 256", "executor",
                "how many threads compute workloads",
            ])
    }

    @Test("JSON has one object for each variable, with its range or its choices")
    func jsonHasOneObjectForEachVariable() throws {
        let settings = try #require(try JSONValue(parsing: Self.output(["--json"])).array)
        #expect(settings.count == Self.lines(Self.output([])).count - 1)
        let threads = try #require(settings.first { $0["name"]?.string == "EXECUTOR_THREADS" })
        #expect(threads["default"]?.string == "2" && threads["read_by"]?.array?.compactMap(\.string) == ["executor"])
        #expect(threads["minimum"]?.integer == 1 && threads["maximum"]?.integer == 256)
        let level = try #require(settings.first { $0["name"]?.string == "LOG_LEVEL" })
        #expect(level["choices"]?.array?.first?.string == "trace" && level["group"]?.string == "Log lines")
        let ledger = try #require(settings.first { $0["name"]?.string == "FAULT_LEDGER" })
        #expect(ledger["default"] == nil && ledger["default_text"]?.string?.hasPrefix("LOG_DIR/") == true)
    }

    @Test("The default width is the one that the terminal has where nobody says") func theDefaultWidthIsTrue() throws {
        let settings = try #require(try JSONValue(parsing: Self.output(["--json"])).array)
        let columns = try #require(settings.first { $0["name"]?.string == "COLUMNS" })
        #expect(
            columns["default"]?.string == "\(Terminal(sink: MemorySink(), isTerminal: false, environment: [:]).width)")
    }

    @Test("JSON and Markdown at once are misuse") func jsonAndMarkdownAreMisuse() {
        let sink = MemorySink()
        let tools = Tools(out: Terminal(sink: MemorySink()), err: Terminal(sink: sink), environment: [:])
        #expect(Tailspan.run(["settings", "--json", "--markdown"], tools) == 2)
        #expect(sink.text.contains("expected --json or --markdown, not both"))
    }
}
