import Arguments
import Encoding
import FaultKinds
import FaultRules
import Terminal
import Vocabulary

struct FaultKindsCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "kinds", abstract: "Shows what can go wrong",
        discussion: "Each kind with its argument, the services that it can happen to, and what happens.",
        section: "Learn")

    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON.") var json

    func run(_ tools: Tools) -> Int32 {
        let tools = tools.withoutColors(noColor)
        if json {
            tools.out.json(Self.write)
        } else {
            tools.out.lines(Self.lines())
        }
        return ExitCode.success
    }

    static func lines() -> [StyledText] {
        let width = FaultKind.allCases.map { term($0).count }.max() ?? 0
        var lines: [StyledText] = []
        for family in FaultKind.Family.allCases {
            lines += [StyledText(family.title, .bold), ""]
            for kind in FaultKind.allCases where kind.family == family {
                let head = StyledText("  ") + StyledText(term(kind), .color(.cyan)).padded(to: width)
                lines.append(head + StyledText("  " + kind.summary))
                let note = notes(kind)
                if !note.isEmpty {
                    lines.append(StyledText(String(repeating: " ", count: width + 4)) + StyledText(note, .dim))
                }
            }
            lines.append("")
        }
        lines.append(StyledText("'tailspan fault --help' shows how a rule is written.", .dim))
        return lines
    }

    private static func term(_ kind: FaultKind) -> String {
        guard let placeholder = kind.argument.placeholder else { return kind.rawValue }
        let mustBeGiven = kind.argument.standardText == nil
        return kind.rawValue + (mustBeGiven ? "=\(placeholder)" : "[=\(placeholder)]")
    }

    /// Whatever differs from the usual.
    private static func notes(_ kind: FaultKind) -> String {
        var notes: [String] = []
        if let text = kind.argument.standardText { notes.append("default \(text)") }
        if kind.argument == .delay { notes.append(kind.argument.expectation) }
        if kind.scope == .service { notes.append("the whole service: no rate, no match") }
        let services = ServiceRole.allCases.filter(kind.services.contains).map(\.rawValue)
        if services.count < ServiceRole.allCases.count {
            notes.append("only " + services.joined(separator: ", ") + (kind.onlyOperation.map { ": \($0)" } ?? ""))
        }
        return notes.joined(separator: "; ")
    }

    static func write(to json: inout JSONWriter) {
        json.array {
            for kind in FaultKind.allCases {
                $0.object {
                    $0.member("kind", kind.rawValue)
                    $0.member("family", kind.family.rawValue)
                    $0.member("scope", kind.scope.rawValue)
                    if let placeholder = kind.argument.placeholder {
                        $0.member("argument", placeholder)
                        $0.member("expected", kind.argument.expectation)
                    }
                    if let text = kind.argument.standardText { $0.member("default", text) }
                    $0.name("services")
                    $0.array {
                        for role in ServiceRole.allCases where kind.services.contains(role) { $0.value(role.rawValue) }
                    }
                    if let only = kind.onlyOperation { $0.member("operation", only) }
                    $0.member("summary", kind.summary)
                }
            }
        }
    }
}
