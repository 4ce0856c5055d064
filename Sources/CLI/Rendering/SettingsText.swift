import Configuration
import Encoding
import Terminal

/// The environment variables of the programs, in each form that `tailspan settings` has.
package struct SettingsText {
    let groups: [SettingGroup]

    package init(_ groups: [SettingGroup]) { self.groups = groups }

    /// Holds for all groups. Names and values in it stand in backquotes.
    private static let rules = """
        An empty variable counts as unset, unless its row says otherwise. White space and carriage returns around a value \
        do not count. A wrong value ends a program at once, with one line and exit code 2; a wrong value of an `OTEL_*` variable is only warned of.
        """

    // MARK: On a terminal

    /// A list under headings, not wider than `width` columns unless a single word is.
    package func lines(width: Int) -> [StyledText] {
        let width = max(40, min(width, 100))
        var lines = Paragraph.lines(Self.plain(Self.rules), width: width)
        for group in groups {
            lines += ["", StyledText(group.title, .bold)]
            for sentence in [group.note, group.page.map { "See docs/\($0)." } ?? ""] where !sentence.isEmpty {
                lines += Self.dim(Paragraph.lines(Self.plain(sentence), width: width))
            }
            for setting in group.settings {
                lines.append(StyledText("  ") + StyledText(setting.name, .color(.cyan)))
                lines += Paragraph.lines(
                    Self.plain(setting.meaning), width: width, first: Self.indent, rest: Self.indent)
                lines += Self.dim(
                    Paragraph.lines(
                        "default: \(Self.text(setting.fallback)); value: \(setting.form.expectation); "
                            + "read by: \(setting.readerNames.joined(separator: ", "))",
                        width: width, first: Self.indent, rest: Self.indent))
            }
        }
        return lines
    }

    private static let indent = "      "

    private static func dim(_ lines: [StyledText]) -> [StyledText] { lines.map { StyledText($0.plain, .dim) } }

    /// Without backquotes; what has a space between them gets quotes instead.
    private static func plain(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
            !index.isMultiple(of: 2) && part.contains(" ") ? "'\(part)'" : String(part)
        }.joined()
    }

    private static func text(_ fallback: Setting.Default) -> String {
        switch fallback {
        case .value(let value): value
        case .described(let text): plain(text)
        }
    }

    // MARK: In a pipe

    /// One line a variable, for `grep` and its kin.
    package var table: Table {
        var table = Table(["VARIABLE", "DEFAULT", "VALUE", "READ BY", "MEANING"])
        for setting in groups.flatMap(\.settings) {
            table.append([
                StyledText(setting.name), StyledText(Self.text(setting.fallback)), StyledText(setting.form.expectation),
                StyledText(setting.readerNames.joined(separator: ", ")), StyledText(Self.plain(setting.meaning)),
            ])
        }
        return table
    }

    // MARK: As a page

    /// docs/CONFIGURATION.md.
    package var markdown: String {
        var text = """
            # Configuration

            \(Self.wrapped("""
                These are all environment variables that the programs read. `tailspan settings` shows the same list, and \
                `make docs` writes this page from `tailspan settings --markdown`.
                """))

            \(Self.wrapped(Self.rules))

            """
        for group in groups {
            text += "\n## \(group.title)\n\n"
            if !group.note.isEmpty { text += Self.wrapped(group.note) + "\n\n" }
            if let page = group.page { text += "See [\(page)](\(page)).\n\n" }
            text += "| Variable | Meaning | Default | Value | Read by |\n| --- | --- | --- | --- | --- |\n"
            for setting in group.settings {
                let cells = [
                    "`\(setting.name)`", setting.meaning, Self.markdown(setting.fallback), setting.form.expectation,
                    setting.readerNames.joined(separator: ", "),
                ]
                text += "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
            }
        }
        return text
    }

    private static func markdown(_ fallback: Setting.Default) -> String {
        switch fallback {
        case .value(let value): "`\(value)`"
        case .described(let text): text
        }
    }

    /// Broken into lines, but not within backquotes.
    private static func wrapped(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        let tied = parts.map {
            $0.offset.isMultiple(of: 2) ? String($0.element) : String($0.element).replacing(" ", with: "\u{A0}")
        }
        return Paragraph.lines(tied.joined(separator: "`"), width: 120).map(\.plain).joined(separator: "\n")
            .replacing("\u{A0}", with: " ")
    }

    // MARK: For programs

    /// An array of one object a variable. `default` is there where it is one value, `default_text` always.
    package func write(to json: inout JSONWriter) {
        json.array {
            for group in groups {
                for setting in group.settings { Self.write(setting, group.title, to: &$0) }
            }
        }
    }

    private static func write(_ setting: Setting, _ group: String, to json: inout JSONWriter) {
        json.object {
            $0.member("name", setting.name)
            $0.member("group", group)
            $0.member("meaning", plain(setting.meaning))
            if case .value(let value) = setting.fallback { $0.member("default", value) }
            $0.member("default_text", text(setting.fallback))
            $0.member("expected", setting.form.expectation)
            switch setting.form {
            case .integer(let range):
                $0.member("minimum", range.lowerBound)
                $0.member("maximum", range.upperBound)
            case .choice(let words):
                $0.name("choices")
                $0.array { for word in words { $0.value(word) } }
            case .flag, .url, .text: break
            }
            $0.name("read_by")
            $0.array { for name in setting.readerNames { $0.value(name) } }
        }
    }
}
