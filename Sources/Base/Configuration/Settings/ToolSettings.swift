import Vocabulary

extension SettingGroup {
    static let pocket = SettingGroup(
        "Pocket stack",
        [
            port("LOKI_PORT", StackPort.loki, "Loki's API"), port("TEMPO_PORT", StackPort.tempo, "Tempo's API"),
            port("OTLP_HTTP_PORT", StackPort.otlpHTTP, "OTLP/HTTP"),
            port("CONSOLE_PORT", StackPort.grafana, "the console"),
            Setting(
                "POCKET_DATA", .file, default: .described("`pocket.sqlite` in `DATA_DIR`"), read: [.pocket],
                "the database of spans and lines"),
            Setting(
                "POCKET_ALLOWED_HOSTS",
                .text("names of hosts with commas between them, such as pocket.example,pocket"), default: .none,
                read: [.pocket],
                "names in `Host` that are answered besides `localhost` and addresses, where it listens on loopback alone"
            ),
            Setting(
                "CONSOLE_FILES", .folder, default: .none, read: [.pocket],
                "a folder to serve the console's scripts and style sheets from, while somebody works on them"),
            Setting(
                "RETENTION", .text("a duration of a second or more, such as 24h"), default: "24h", read: [.pocket],
                "how long spans and lines are kept (`tailspan incident` sets a year)"),
            Setting(
                "RETENTION_SIZE", .text("1MiB or more, such as 512MiB"), default: "512MiB", read: [.pocket],
                "how large the database may become on disk; the oldest spans and lines go first"),
            Setting(
                "INCIDENTS_DIR", .folder, default: "incidents", read: [.pocket],
                "where the incidents are that the console plays"),
            Setting(
                "WORKSHOP_DIR", .folder, default: "docs/workshop", read: [.pocket],
                "where the exercises are that the console shows"),
            Setting(
                "RUNS_DIR", .folder, default: .described("`incidents` in `DATA_DIR`"), read: [.pocket],
                "where the last run of each incident is kept"),
        ])

    private static func port(_ name: String, _ number: Int, _ server: String) -> Setting {
        Setting(
            name, .integer(0...65535), default: .value("\(number)"), read: [.pocket],
            "the port of \(server), 0 for any free one")
    }

    static let commands = SettingGroup(
        "Commands",
        [
            Setting(
                "TAILSPAN_ENVIRONMENT", .folder, default: ".tailspan", read: [.commands],
                "the folder of the running `tailspan up` that commands talk to"),
            Setting(
                "TAILSPAN_SUPERVISOR", .text("a process id"), default: .none, read: .everybody,
                "set by `tailspan up` for its parts: a part ends when that process ends"),
            Setting(
                "GRAFANA_TOKEN", .anyText, default: .none, read: [.commands],
                "the token of a service account, with which `verify --grafana` asks Grafana"),
            Setting(
                "GRAFANA_ADMIN_PASSWORD", .anyText, default: .none, read: [.commands],
                "the password of `--grafana-user`, where there is no token"),
            Setting(
                "NO_COLOR", .anyText, default: .none, read: [.commands],
                "turns colours off, whatever else is set (no-color.org)"),
            Setting(
                "CLICOLOR", .text("0 or 1"), default: "1", read: [.commands], "0 turns colours off"),
            Setting(
                "CLICOLOR_FORCE", .text("0 or 1"), default: "0", read: [.commands],
                "1 shows colours in a pipe, too"),
            Setting(
                "TERM", .anyText, default: .none, read: [.commands],
                "`dumb` turns off colours and lines that are redrawn"),
            Setting(
                "COLUMNS", .text("a whole number"), default: "100", read: [.commands],
                "the width of the output, where it is no terminal"),
            Setting(
                "LC_ALL", .anyText, default: .none, read: [.commands],
                "`C` or `POSIX` draws with ASCII characters only"),
            Setting(
                "LC_CTYPE", .anyText, default: .none, read: [.commands],
                "the same, where `LC_ALL` is unset"),
            Setting(
                "LANG", .anyText, default: .none, read: [.commands],
                "the same, where `LC_ALL` and `LC_CTYPE` are unset"),
        ])
}
