import Arguments
import Configuration
import FileSystem
import Verification

/// The source of the data sources whose links are verified.
struct GrafanaOptions: ArgumentContainer {
    /// The repository's own files, if the command is run in its root folder.
    static let usualFolder = "grafana/provisioning"

    @Option("grafana", value: "URL", .url, help: "Follows the links of the data sources of this Grafana.")
    var url: String?
    @Option(
        "grafana-user", value: "NAME", .notEmpty,
        help: "Who asks Grafana, with the password in GRAFANA_ADMIN_PASSWORD. It takes the role Admin.")
    var user = "admin"
    @Option(
        "grafana-token", value: "TOKEN", .notEmpty,
        help: "A service account's token to ask Grafana with; better given as GRAFANA_TOKEN, which nobody else sees.")
    var token: String?
    @Option(
        "provisioning", value: "DIR", .notEmpty,
        help: "Follows the links of these provisioning files; grafana/provisioning if it is there. none: no links.")
    var folder: String?

    func validate() throws(UsageError) {
        if url != nil, folder != nil { throw UsageError("expected --grafana or --provisioning, not both") }
    }

    /// The source given by the options, or the files at hand.
    func source(_ environment: [String: String]) -> ProvisioningSource {
        if let url { return .grafana(url, credentials(Environment(environment))) }
        switch folder {
        case "none": return .none("--provisioning none")
        case let folder?: return .folder(folder, environment: environment)
        case nil: return Self.usual(environment)
        }
    }

    /// The files of the current folder, if it has any.
    static func usual(_ environment: [String: String]) -> ProvisioningSource {
        Files.names(in: usualFolder + "/datasources").isEmpty
            ? .none("there is no \(usualFolder) here, and neither --provisioning nor --grafana was given")
            : .folder(usualFolder, environment: environment)
    }

    /// A token takes precedence over a password: if somebody created one, it is meant to be used.
    private func credentials(_ environment: Environment) -> GrafanaCredentials? {
        if let token = token ?? environment.string("GRAFANA_TOKEN") { return .token(token) }
        return environment.string("GRAFANA_ADMIN_PASSWORD").map { .user(user, password: $0) }
    }
}
