import Configuration
import HTTP
import QuerySupport
import Vocabulary

/// How the pocket stack runs.
package struct PocketConfiguration: Sendable {
    /// The address that everything listens on.
    package var host = "127.0.0.1"
    /// The names, besides `localhost` and addresses, that browsers may use; see ``HostCheck``.
    package var allowedHosts: [String] = []
    /// A folder to serve the console's scripts and style sheets from, instead of those in the program.
    package var consoleFiles: String?
    package var ports = PocketPorts(
        loki: StackPort.loki, tempo: StackPort.tempo, otlpHTTP: StackPort.otlpHTTP, console: StackPort.grafana)
    /// The database file; its folder is created if missing.
    package var database: String
    /// The folder whose log files are followed.
    package var logDirectory: String
    /// The maximum age of spans and log lines.
    package var maximumAge: Duration = .seconds(24 * 3600)
    /// Their maximum total size in bytes.
    package var maximumBytes: Int64 = 512 << 20
    /// The base URLs of the services, for their health on the console.
    package var services: [ServiceRole: String]
    /// The services' `ADMIN_TOKEN`, for what the console asks them.
    package var adminToken: String?

    /// Creates a configuration with the default ports and services.
    package init(database: String, logDirectory: String) {
        self.database = database
        self.logDirectory = logDirectory
        services = Dictionary(
            uniqueKeysWithValues: ServiceRole.allCases.map { ($0, "http://127.0.0.1:\($0.defaultPort)") })
    }

    /// Reads the configuration: `HOST`, `POCKET_ALLOWED_HOSTS` (names, with commas), `LOKI_PORT`, `TEMPO_PORT`,
    /// `OTLP_HTTP_PORT`, `CONSOLE_PORT` (0 for any), `POCKET_DATA` (a file; by default `pocket.sqlite` in `DATA_DIR`),
    /// `LOG_DIR`, `RETENTION` (`24h`), `RETENTION_SIZE` (`512MiB`), the services' `GATEWAY_URL` … and `ADMIN_TOKEN`.
    /// - Throws: ``ConfigurationError`` for an invalid value.
    package init(environment: Environment) throws {
        self.init(
            database: environment.string(
                "POCKET_DATA", default: environment.string("DATA_DIR", default: "data") + "/pocket.sqlite"),
            logDirectory: environment.string("LOG_DIR", default: "logs"))
        host = environment.string("HOST", default: host)
        allowedHosts = try Self.hosts(environment.string("POCKET_ALLOWED_HOSTS", default: ""))
        consoleFiles = environment.string("CONSOLE_FILES")
        ports.loki = try environment.integer("LOKI_PORT", default: ports.loki, in: 0...65_535)
        ports.tempo = try environment.integer("TEMPO_PORT", default: ports.tempo, in: 0...65_535)
        ports.otlpHTTP = try environment.integer("OTLP_HTTP_PORT", default: ports.otlpHTTP, in: 0...65_535)
        ports.console = try environment.integer("CONSOLE_PORT", default: ports.console, in: 0...65_535)
        if let text = environment.string("RETENTION") {
            guard let nanoseconds = Measure.duration(text), nanoseconds >= 1_000_000_000 else {
                throw ConfigurationError("RETENTION=\(text): expected a duration of a second or more, such as 24h")
            }
            maximumAge = .nanoseconds(nanoseconds)
        }
        if let text = environment.string("RETENTION_SIZE") {
            guard let bytes = Measure.bytes(text), bytes >= 1 << 20, let size = Int64(exactly: bytes) else {
                throw ConfigurationError("RETENTION_SIZE=\(text): expected 1MiB or more, such as 512MiB")
            }
            maximumBytes = size
        }
        adminToken = try environment.token(AdminAccess.tokenVariable)
        for (role, url) in services { services[role] = try environment.url(role.urlVariable, default: url) }
    }
}

extension PocketConfiguration {
    private static func hosts(_ text: String) throws -> [String] {
        try text.split(separator: ",").map { part in
            let name = part.drop { $0 == " " }.prefix { $0 != " " }
            guard let host = HostCheck.name(inHost: String(name)), !host.isEmpty, !name.contains(":") else {
                throw ConfigurationError(
                    "POCKET_ALLOWED_HOSTS=\(text): expected names of hosts with commas between them, such as "
                        + "pocket.example,pocket")
            }
            return host
        }
    }
}

/// The ports of the pocket stack's roles.
package struct PocketPorts: Sendable, Equatable {
    package var loki: Int
    package var tempo: Int
    package var otlpHTTP: Int
    package var console: Int

    package init(loki: Int, tempo: Int, otlpHTTP: Int, console: Int) {
        self.loki = loki
        self.tempo = tempo
        self.otlpHTTP = otlpHTTP
        self.console = console
    }
}

/// Why the pocket stack could not start.
package struct PocketStackError: Error, Equatable, CustomStringConvertible {
    package var description: String
}
