import Encoding
import Vocabulary
import YAML

/// The service settings that an incident may change: those that do not turn it into a different run.
enum IncidentEnvironment {
    /// Variables that every service understands.
    private static let common = [
        "MAX_BODY_BYTES", "DRAIN_TIMEOUT_MS", "SHUTDOWN_TIMEOUT_MS", "LOG_LEVEL", "LOG_MAX_BYTES", "LOG_MAX_FILES",
        "DEPLOYMENT_ENVIRONMENT",
        "REGION", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_PROPAGATORS",
    ]

    /// The names of the variables that `role` understands.
    static func variables(of role: ServiceRole) -> [String] {
        let own =
            switch role {
            case .gateway: ["UPSTREAM_TIMEOUT_MS"]
            case .tasks: ["WORKER_CONCURRENCY"]
            case .executor: ["EXECUTOR_THREADS", "EXECUTOR_QUEUE", "EXECUTOR_ID"]
            case .payments: ["SEED_GUILDS", "SEED_BALANCE"]
            }
        return own + common
    }
}

extension IncidentParser {
    /// `{gateway: {UPSTREAM_TIMEOUT_MS: '800'}}`; a value may also be a number.
    func environment(_ object: FileObject) throws(IncidentError) -> [ServiceRole: [String: String]] {
        guard let value = object["environment"] else { return [:] }
        let services = try FileObject(
            value, "the environment", in: file, knows: ServiceRole.allCases.map(\.rawValue))
        var environment: [ServiceRole: [String: String]] = [:]
        for role in ServiceRole.allCases {
            guard let value = services[role.rawValue] else { continue }
            let names = IncidentEnvironment.variables(of: role)
            let variables = try FileObject(value, "the environment of \(role)", in: file, knows: names)
            for name in names {
                guard let value = variables[name] else { continue }
                let number = value.json.integer.map { "\($0)" }
                environment[role, default: [:]][name] =
                    if let number { number } else { try variables.text(value, name) }
            }
        }
        return environment
    }
}
