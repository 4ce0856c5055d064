import Terminal

/// The help of a program or a command; the layout depends on the width at which it is shown.
package struct Help: Sendable {
    private enum Subject: Sendable {
        case program(Program)
        case command(any Command.Type, path: String)
    }

    private let subject: Subject

    init(program: Program) { subject = .program(program) }
    init(command: any Command.Type, path: String) { subject = .command(command, path: path) }

    /// The help as lines not much wider than `width` columns.
    package func lines(width: Int) -> [StyledText] {
        let width = max(40, min(width, 100))
        return switch subject {
        case .program(let program): Self.lines(program, width)
        case .command(let type, let path): Self.lines(type, path, width)
        }
    }

    private static func lines(_ program: Program, _ width: Int) -> [StyledText] {
        var lines = title(program.name, program.abstract, width) + [""]
        lines.append(heading("Usage") + " \(program.name) COMMAND [OPTIONS]")
        lines += list(program.commands, width)
        let general = [
            Row("help COMMAND", "Shows the help of a command; COMMAND --help does the same."),
            Row("--version", "Shows the version."),
        ]
        lines += ["", heading("Always")] + rows(general, width)
        if !program.footer.isEmpty {
            lines.append("")
            for paragraph in program.footer.split(separator: "\n", omittingEmptySubsequences: false) {
                lines += wrap(String(paragraph), width).map { StyledText($0) }
            }
        }
        return lines
    }

    private static func lines(_ type: any Command.Type, _ path: String, _ width: Int) -> [StyledText] {
        let configuration = type.configuration
        var lines = title(path, configuration.abstract, width) + [""]
        guard configuration.subcommands.isEmpty else {
            lines.append(heading("Usage") + " \(path) COMMAND [OPTIONS]")
            lines += discussion(configuration, width)
            lines += list(configuration.subcommands, width)
            return lines + examples(configuration, width)
        }
        let definitions = type.init().argumentDefinitions
        let positionals = definitions.filter { $0.kind == .positional }
        let required = definitions.filter { $0.kind == .option && $0.isRequired }
        var usage = " " + path
        for option in required { usage += " \(option.displayName) \(option.valueName)" }
        usage += definitions.count > positionals.count + required.count ? " [OPTIONS]" : ""
        for positional in positionals {
            let name = positional.name + (positional.isRepeating ? "…" : "")
            usage += positional.isRequired ? " \(name)" : " [\(name)]"
        }
        lines.append(heading("Usage") + StyledText(usage))
        lines += discussion(configuration, width)
        if !positionals.isEmpty { lines += ["", heading("Arguments")] + rows(positionals.map(Row.init), width) }
        let options = definitions.filter { $0.kind != .positional }.map(Row.init)
        lines += ["", heading("Options")] + rows(options + [Row("-h, --help", "Shows this help.")], width)
        return lines + examples(configuration, width)
    }

    private static func title(_ name: String, _ abstract: String, _ width: Int) -> [StyledText] {
        let lines = wrap(name + ": " + abstract, width)
        let rest = (lines.first ?? "").dropFirst(name.count)
        return [StyledText(name, .bold) + StyledText(String(rest))] + lines.dropFirst().map { StyledText("  " + $0) }
    }

    private static func heading(_ text: String) -> StyledText { StyledText(text + ":", .bold) }

    private static func discussion(_ configuration: CommandConfiguration, _ width: Int) -> [StyledText] {
        guard !configuration.discussion.isEmpty else { return [] }
        return [""]
            + configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { wrap(String($0), width).map { StyledText($0) } }
    }

    /// The commands grouped into sections, in the order in which the sections first occur.
    private static func list(_ commands: [any Command.Type], _ width: Int) -> [StyledText] {
        var sections: [(String, [Row])] = []
        for configuration in commands.map({ $0.configuration }) {
            let row = Row(configuration.name, configuration.abstract)
            if let index = sections.firstIndex(where: { $0.0 == configuration.section }) {
                sections[index].1.append(row)
            } else {
                sections.append((configuration.section, [row]))
            }
        }
        let column = (sections.flatMap(\.1).map(\.term.count).max() ?? 0) + 4
        return sections.flatMap { ["", heading($0.0)] + rows($0.1, width, column: column) }
    }

    private static func examples(_ configuration: CommandConfiguration, _ width: Int) -> [StyledText] {
        guard !configuration.examples.isEmpty else { return [] }
        var lines: [StyledText] = ["", heading("Examples")]
        for example in configuration.examples {
            if !example.meaning.isEmpty {
                lines += wrap(example.meaning, width - 2).map { StyledText("  " + $0, .dim) }
            }
            lines.append(StyledText("  " + example.line))
        }
        return lines
    }

    private struct Row {
        var term: String
        var text: String

        init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }

        init(_ definition: ArgumentDefinition) {
            switch definition.kind {
            case .positional: term = definition.name + (definition.isRepeating ? "…" : "")
            case .flag, .option:
                term = (definition.short.map { "-\($0), " } ?? "    ") + definition.displayName
                if definition.kind == .option { term += " " + definition.valueName }
            }
            text = definition.help
            if !definition.choices.isEmpty { text += " One of: \(definition.choices.joined(separator: ", "))." }
            if let value = definition.defaultText, !value.isEmpty {
                // A long default moves to its own line.
                text += " (default:\(value.count > 30 ? " " : "\u{A0}")\(value))"
            }
            if definition.isRepeating, definition.kind == .option { text += " May be given several times." }
        }
    }

    private static func rows(_ rows: [Row], _ width: Int, column: Int? = nil) -> [StyledText] {
        let column = column ?? min(30, (rows.map(\.term.count).max() ?? 0) + 4)
        var lines: [StyledText] = []
        for row in rows {
            // No-break spaces kept words together up to here.
            let text = wrap(row.text, max(20, width - column)).map { $0.replacing("\u{A0}", with: " ") }
            var first = StyledText("  ") + StyledText(row.term, .color(.cyan))
            if first.width + 2 > column {
                lines.append(first)
                first = ""
            }
            lines.append(first.padded(to: column) + StyledText(text.first ?? ""))
            lines += text.dropFirst().map { StyledText(String(repeating: " ", count: column) + $0) }
        }
        return lines
    }
}

/// Breaks a text at spaces into lines of at most `width` columns; a longer word stays whole.
package func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, DisplayWidth.of(line) + 1 + DisplayWidth.of(String(word)) > width {
            lines.append(line)
            line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
}
