import Testing

@testable import Arguments
@testable import Terminal

@Suite("The layout of text")
struct LayoutTests {
    @Test(
        "The display width counts columns",
        arguments: [
            ("abc", 3), ("", 0), ("größe", 5), ("日本", 4), ("é", 1), ("🙂", 2), ("━▏█", 3), ("\u{1B}", 0),
            ("e\u{301}", 1), ("\u{301}", 0), ("\u{200B}", 0), ("👩\u{200D}🚀", 2),
        ])
    func theDisplayWidthCountsColumns(text: String, expected: Int) {
        #expect(DisplayWidth.of(text) == expected)
    }

    @Test(
        "A text is truncated to a width",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abc", 0, ""), ("日本語", 4, "日…"),
        ])
    func aTextIsTruncatedToAWidth(text: String, width: Int, expected: String) {
        #expect(StyledText(text).truncated(to: width).plain == expected)
    }

    @Test("Truncation keeps the styles")
    func truncationKeepsTheStyles() {
        let text = (StyledText("abc", .bold) + StyledText("def", .dim)).truncated(to: 5)
        #expect(text == StyledText("abc", .bold) + StyledText("d…", .dim))
    }

    @Test("Columns are aligned whatever their styles")
    func columnsAreAlignedWhateverTheirStyles() {
        var table = Table(["NAME", .right("COUNT"), ""], indent: 1)
        table.append([StyledText("a", .bold), "1", "x"])
        table.append(["longer", StyledText("100", .color(.red)), ""])
        table.append(["b"])
        #expect(
            table.lines().map(\.plain) == [
                " NAME    COUNT  ", " a           1  x", " longer    100  ", " b              ",
            ])
        #expect(table.lines(width: 8).map(\.plain).last == " b     …")
    }

    @Test("A table without titles has no title line")
    func aTableWithoutTitlesHasNoTitleLine() {
        var table = Table(["", ""])
        table.append(["a", "b"])
        #expect(table.lines().map(\.plain) == ["a  b"])
    }

    @Test("A table is cut to fit a terminal and whole in a pipe")
    func aTableIsCutToATerminalAndWholeInAPipe() {
        var table = Table(["", ""])
        table.append(["a", StyledText(String(repeating: "x", count: 50))])
        let narrow = MemorySink(columns: 20)
        Terminal(sink: narrow, isInteractive: true).table(table)
        #expect(narrow.text.count == 21)
        let pipe = MemorySink()
        Terminal(sink: pipe).table(table)
        #expect(pipe.text.count == 54)
    }

    @Test(
        "A text is wrapped at its spaces",
        arguments: [
            ("one two three", 7, ["one two", "three"]), ("", 5, [""]), ("unbreakable", 3, ["unbreakable"]),
            ("a b", 1, ["a", "b"]),
        ])
    func aTextIsWrappedAtItsSpaces(text: String, width: Int, expected: [String]) {
        #expect(wrap(text, width) == expected)
    }
}
