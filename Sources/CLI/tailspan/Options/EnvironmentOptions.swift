import Arguments
import Glibc
import Supervision
import Vocabulary

/// Selects the running environment for a command: what no option gives comes from the file that `tailspan up` wrote.
struct EnvironmentOptions: ArgumentContainer {
    @Option(
        "environment", value: "FOLDER", .notEmpty,
        help: """
            The folder of a running 'tailspan up', which knows where everything is; else TAILSPAN_ENVIRONMENT, else \
            .tailspan. Options that give a URL win.
            """)
    var given: String?

    func validate() throws(UsageError) {
        guard let given, RunningEnvironment.find(in: given) == nil else { return }
        throw UsageError("--environment: expected the folder of a running 'tailspan up', and none runs in '\(given)'")
    }

    /// The running environment, if any.
    var running: RunningEnvironment? { RunningEnvironment.find(in: given ?? RunningEnvironment.folderMeant) }
}

/// The URLs of the services.
struct ServiceOptions: ArgumentContainer {
    @Option("gateway", value: "URL", .url, help: "Where the gateway is, usually http://127.0.0.1:8080.")
    var gateway: String?
    @Option("tasks", value: "URL", .url, help: "Where the tasks service is, usually http://127.0.0.1:8081.")
    var tasks: String?
    @Option("executor", value: "URL", .url, help: "Where the executor is, usually http://127.0.0.1:8082.")
    var executor: String?
    @Option("payments", value: "URL", .url, help: "Where the payments service is, usually http://127.0.0.1:8083.")
    var payments: String?
    @ArgumentGroup var environment: EnvironmentOptions

    /// Without trailing slashes.
    var urls: [ServiceRole: String] {
        let running = environment.running
        let given: [ServiceRole: String?] = [
            .gateway: gateway, .tasks: tasks, .executor: executor, .payments: payments,
        ]
        return Dictionary(
            uniqueKeysWithValues: given.map { role, url in (role, Self.url(of: role, given: url, running)) })
    }

    /// The URL of a service: as given, otherwise from the running environment, otherwise at its default port.
    static func url(of role: ServiceRole, given: String?, _ running: RunningEnvironment?) -> String {
        let url = given ?? running?.urls[role] ?? "http://127.0.0.1:\(role.defaultPort)"
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}

/// The URL of Loki, or of the pocket stack in its place.
struct LokiOptions: ArgumentContainer {
    @Option("loki", value: "URL", .url, help: "Where Loki is, usually http://127.0.0.1:3100.") var given: String?
    @ArgumentGroup var tenants: TenantOptions
    @ArgumentGroup var environment: EnvironmentOptions

    var loki: String { given ?? environment.running?.loki ?? "http://127.0.0.1:\(StackPort.loki)" }
    var tenant: Tenant? { tenants.tenant(environment.running) }
}

/// The URLs of Loki and Tempo, or of the pocket stack in their place.
struct BackendOptions: ArgumentContainer {
    @ArgumentGroup var stores: LokiOptions
    @Option("tempo", value: "URL", .url, help: "Where Tempo is, usually http://127.0.0.1:3200.") var givenTempo: String?
    @ArgumentGroup var environment: EnvironmentOptions

    var loki: String { stores.loki }
    var tenant: Tenant? { stores.tenant }
    var tempo: String { givenTempo ?? environment.running?.tempo ?? "http://127.0.0.1:\(StackPort.tempo)" }
}
