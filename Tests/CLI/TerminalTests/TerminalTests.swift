import Glibc
import Synchronization
import Testing

@testable import Terminal

@Suite("The properties of a terminal")
struct TerminalTests {
    @Test(
        "Colours and redrawing follow the terminal and the usual variables",
        arguments: [
            (true, [:], true, true), (false, [:], false, false), (true, ["NO_COLOR": "1"], false, true),
            (true, ["NO_COLOR": ""], true, true), (false, ["CLICOLOR_FORCE": "1"], true, false),
            (false, ["CLICOLOR_FORCE": "0"], false, false), (true, ["CLICOLOR": "0"], false, true),
            (false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false, false), (true, ["TERM": "dumb"], false, false),
            (true, ["TERM": "xterm"], true, true),
        ] as [(Bool, [String: String], Bool, Bool)])
    func coloursAndRedrawingFollowTerminalAndVariables(
        isTerminal: Bool, environment: [String: String], colors: Bool, interactive: Bool
    ) {
        let terminal = Terminal(sink: MemorySink(), isTerminal: isTerminal, environment: environment)
        #expect(terminal.showsColors == colors)
        #expect(terminal.isInteractive == interactive)
    }

    @Test("The width comes from the terminal, else from COLUMNS, else it is 100")
    func theWidthComesFromTheTerminalOrCOLUMNS() {
        let columns = ["COLUMNS": "70"]
        #expect(Terminal(sink: MemorySink(columns: 50), isTerminal: true, environment: columns).width == 50)
        #expect(Terminal(sink: MemorySink(), isTerminal: false, environment: columns).width == 70)
        #expect(Terminal(sink: MemorySink(), isTerminal: false, environment: ["COLUMNS": "x"]).width == 100)
    }

    @Test("A C locale gets plain characters")
    func aCLocaleGetsPlainCharacters() {
        #expect(!Terminal(sink: MemorySink(), isTerminal: true, environment: ["LC_ALL": "C"]).showsUnicode)
        #expect(Terminal(sink: MemorySink(), isTerminal: true, environment: ["LANG": "de_DE.UTF-8"]).showsUnicode)
        #expect(Terminal(sink: MemorySink(), isTerminal: true, environment: [:]).showsUnicode)
    }

    @Test("Styles are written only where colours are shown")
    func stylesAreWrittenOnlyWhereColoursAreShown() {
        let text = StyledText("bad", .color(.red).bold) + " and plain"
        let sink = MemorySink()
        Terminal(sink: sink, showsColors: true).line(text)
        Terminal(sink: sink).line(text)
        #expect(sink.text == "\u{1B}[1;38;5;196mbad\u{1B}[0m and plain\nbad and plain\n")
    }

    @Test("A reader that has gone is noticed once")
    func aClosedPipeIsNoticedOnce() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[1]) }
        let calls = Mutex(0)
        let sink = DescriptorSink(ends[1]) { calls.withLock { $0 += 1 } }
        sink.write("one")
        #expect(calls.withLock { $0 } == 0)
        close(ends[0])
        sink.write("two")
        sink.write("three")
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("Everything is written even when the pipe is full and does not block")
    func everythingIsWrittenToAFullPipe() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let text = String(repeating: "0123456789", count: 50_000)
        let writer = Task.detached {
            DescriptorSink(writing).write(text)
            close(writing)
        }
        var received = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(reading, &buffer, buffer.count), count > 0 { received += count }
        await writer.value
        #expect(received == text.utf8.count)
    }

    @Test("A name keeps its colour; the known names have distinct ones, and none is red")
    func everyNameKeepsADistinctColour() {
        let names = ["gateway", "tasks", "executor", "payments"]
        let palette = NamePalette(first: names)
        #expect(Set(names.map(palette.style)).count == names.count)
        #expect(palette.style(for: "other") == NamePalette(first: names).style(for: "other"))
        for name in names + ["a", "b", "c", "d", "e"] { #expect(palette.style(for: name) != .color(.red)) }
        for name in ["a", "b", "c", "d", "e"] { #expect(!names.map(palette.style).contains(palette.style(for: name))) }
    }
}
