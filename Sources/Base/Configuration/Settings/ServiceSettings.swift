import Vocabulary

extension SettingGroup {
    static let network = SettingGroup(
        "Network",
        note: """
            `tailspan up` sets `HOST`, `PORT` and the URLs of its parts itself. A URL may hold a name and a password \
            (`http://me:secret@host`). They are sent as `Authorization: Basic`, and no span, metric or line shows them.
            """,
        [
            Setting(
                "HOST", .text("a name or an address"), default: "127.0.0.1", read: .everybody,
                "the address to listen on; `healthcheck` asks it"),
            Setting(
                "PORT", .integer(0...65535), default: .described(ports), read: .servicesAndCommands,
                "the port to listen on, 0 for any free one; `healthcheck` asks it"),
            Setting(
                "SOCKET_PATH", .text(Environment.socketPathExpectation), default: .described("none"), read: .services,
                "a Unix-domain socket to listen on beside the port, for programs of the same user (`tailspan up` sets it)"
            ),
        ] + ServiceRole.allCases.map(url) + [
            Setting(
                "MAX_BODY_BYTES", .integer(1...67_108_864), default: "65536", read: .services,
                "the size of the largest request body that is accepted, in bytes"),
            Setting(
                "UPSTREAM_TIMEOUT_MS", .integer(1...600_000), default: "20000", read: [.gateway],
                "how long one attempt of a call to tasks may take, in milliseconds"),
            Setting(
                "SHUTDOWN_TIMEOUT_MS", .integer(100...600_000), default: "10000", read: .services,
                """
                how long stopping may take in all, in milliseconds; the last log line says what was left unsent \
                (`tailspan up` sets 5000)
                """),
            Setting(
                "DRAIN_TIMEOUT_MS", .integer(0...600_000), default: "10000", read: .services,
                """
                how long requests in progress may go on after the signal to stop, in milliseconds; at most six tenths of \
                `SHUTDOWN_TIMEOUT_MS`
                """),
        ])

    private static let ports = ServiceRole.allCases.map { "\($0.rawValue) `\($0.defaultPort)`" }.joined(separator: ", ")

    private static func url(_ role: ServiceRole) -> Setting {
        let callers = ServiceRole.allCases.filter { $0.upstreams.contains(role) }
            .compactMap { Setting.Reader(rawValue: $0.rawValue) }
        let users = callers.isEmpty ? "the pocket console" : "the services that call it and the pocket console"
        return Setting(
            role.urlVariable, .url("http://127.0.0.1:8080"), default: .value("http://127.0.0.1:\(role.defaultPort)"),
            read: Set(callers + [.pocket]),
            "the URL of \(role.rawValue), for \(users)"
                + (callers.isEmpty ? "" : "; for services also `unix:/path/to.sock`"))
    }

    static let storage = SettingGroup(
        "Data",
        [
            Setting(
                "DATA_DIR", .folder, default: .described("services: none, data are in memory; pocket stack: `data`"),
                read: .servicesAndPocket, "the folder of the SQLite databases"),
            Setting(
                "SEED_GUILDS", .integer(0...10_000), default: "16", read: [.payments],
                "how many guilds an empty ledger starts with"),
            Setting(
                "SEED_BALANCE", .integer(0...1_000_000_000_000_000), default: "1000000000000", read: [.payments],
                "the balance that each of these guilds starts with, in minor units"),
        ])

    static let logs = SettingGroup(
        "Log lines",
        [
            Setting(
                "LOG_LEVEL", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                default: "info", read: .servicesAndPocket, "the lowest level that is written"),
            Setting(
                "LOG_FORMAT", .choice(["json", "text"]), default: "json", read: .servicesAndPocket,
                "one JSON object per line, or text for people (`tailspan up` sets `json`)"),
            Setting(
                "LOG_STDOUT", .flag, default: "true", read: .servicesAndPocket, "whether lines go to standard output"),
            Setting(
                "LOG_DIR", .folder, default: .described("services: none; pocket stack: `logs`"),
                read: .servicesAndPocket,
                """
                the folder of the log files: a service writes `LOG_DIR/<service>/<service>.log`, the pocket stack follows \
                `LOG_DIR/*/*.log`
                """),
            Setting(
                "LOG_MAX_BYTES", .integer(0...(1 << 50)), default: "52428800", read: .services,
                "the size at which a log file is rotated, in bytes; 0 for never"),
            Setting(
                "LOG_MAX_FILES", .integer(0...1000), default: "5", read: .services,
                "how many rotated files are kept; 0 turns rotation off"),
            Setting(
                "LOG_SOURCE", .flag, default: "false", read: .servicesAndPocket,
                "whether a line names the file and line of code that wrote it"),
        ])

    static func identity(version: String) -> SettingGroup {
        SettingGroup(
            "Identity",
            note: "`OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` override these on spans.",
            [
                Setting(
                    "SERVICE_VERSION", .anyText, default: .value(version), read: .servicesAndCommands,
                    "the version on every line and span"),
                Setting(
                    "DEPLOYMENT_ENVIRONMENT", .anyText, default: "demo", read: .servicesAndCommands,
                    "the environment on every line (`environment`) and span (`deployment.environment.name`)"),
                Setting(
                    "REGION", .anyText, default: "local", read: .servicesAndCommands,
                    "the region on every line (`region`) and span (`cloud.region`)"),
                Setting(
                    Tenant.variable, .text(Tenant.expectation), default: .none, read: .servicesAndCommands,
                    """
                    the tenant whose spans and lines are sent and asked for (header `X-Scope-OrgID`), where Loki and Tempo \
                    keep several apart
                    """),
            ])
    }

    static let services = SettingGroup(
        "Access and capacity",
        [
            Setting(
                "GATEWAY_TOKEN", .anyText, default: .none, read: [.gateway, .pocket, .commands],
                "the bearer token that the gateway requires and that commands and the console send"),
            Setting(
                "ADMIN_TOKEN", .text("at most 512 visible ASCII characters, without spaces"), default: .none,
                read: .everybody,
                "the bearer token that opens `/admin`, and changes through the console, to other machines; without one, "
                    + "only this machine may use them"),
            Setting(
                "JOURNAL_SIZE", .integer(0...100_000), default: "1000", read: [.gateway],
                "how many requests are kept for `tailspan incident replay`; 0 for none"),
            Setting(
                "WORKER_CONCURRENCY", .integer(1...256), default: "8", read: [.tasks],
                "how many queued tasks are worked on at once"),
            Setting(
                "EXECUTOR_THREADS", .integer(1...256), default: "2", read: [.executor],
                "how many threads compute workloads"),
            Setting(
                "EXECUTOR_QUEUE", .integer(0...100_000), default: "64", read: [.executor, .commands],
                "how many workloads may wait for a thread; further ones are answered 503 (`tailspan incident` sets 1024)"
            ),
            Setting(
                "EXECUTOR_SMALL_WORKLOAD", .integer(0...10_000_000), default: "20000", read: [.executor],
                """
                the estimated number of operations, about one a nanosecond, up to which a workload is computed without a \
                change of threads while one is idle; 0 for never
                """),
            Setting(
                "EXECUTOR_ID", .anyText, default: "exec-1", read: [.executor],
                "the name of the executor in its answers and lines"),
        ])

    static let faults = SettingGroup(
        "Faults", page: "faults.md",
        [
            Setting(
                "FAULTS", .text("fault rules separated by ; or line ends"), default: .none, read: .servicesAndCommands,
                "the rules that are in force from the start; rules for other services are accepted"),
            Setting(
                "FAULTS_SEED", .text("a whole number from 0 to \(UInt64.max)"), default: "0",
                read: .servicesAndCommands,
                "the seed of the decisions, for rules without a seed of their own"),
            Setting(
                "FAULTS_HIDDEN", .flag, default: "false", read: .servicesAndCommands,
                "whether spans and lines do not mention faults"),
            Setting(
                "FAULTS_FROM_REQUESTS", .flag, default: "false", read: .servicesAndCommands,
                "whether a request's baggage may bring rules (`tailspan up` sets `true` where it is unset)"),
            Setting(
                "FAULT_LEDGER", .file,
                default: .described("`LOG_DIR/<service>/faults.ndjson`; without `LOG_DIR`, memory"), read: .services,
                "the file in which every injected fault is recorded"),
        ])
}
