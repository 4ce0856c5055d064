import Arguments
import Configuration
import Rendering
import Terminal

/// Shows every environment variable that the programs read.
struct SettingsCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "settings", abstract: "Shows every environment variable that the programs read",
        discussion: """
            Each with its meaning, its default, what a value must be, and who reads it. In a pipe, each variable is one \
            line. docs/CONFIGURATION.md is the same list.
            """,
        examples: [
            "tailspan settings",
            .init("tailspan settings | grep LOG_", "the settings of log lines"),
            .init("tailspan settings --json | jq -r '.[].name'", "all names"),
        ], section: "Help")

    @Flag("json", help: "Writes JSON.") var json
    @Flag("markdown", help: "Writes docs/CONFIGURATION.md.") var markdown
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) {
        if json, markdown { throw UsageError("expected --json or --markdown, not both") }
    }

    func run(_ tools: Tools) -> Int32 {
        let out = tools.withoutColors(noColor).out
        let settings = SettingsText(SettingGroup.all(version: Tailspan.version))
        if json {
            out.json { settings.write(to: &$0) }
        } else if markdown {
            out.write(settings.markdown)
        } else if out.isInteractive {
            out.lines(settings.lines(width: out.width))
        } else {
            out.lines(settings.table.lines())
        }
        return ExitCode.success
    }
}
