import Configuration
import Encoding
import FaultKinds
import FaultRules
import Glibc
import Logging
import Metrics
import Vocabulary

/// The fault settings of a service, read from the environment:
///
/// | Variable | Meaning | Default |
/// |---|---|---|
/// | `FAULTS` | rules, separated by `;` or line ends | none |
/// | `FAULTS_SEED` | seed that decisions are derived from, with the rule and the trace | 0 |
/// | `FAULTS_HIDDEN` | whether spans and log lines omit fault marks | `false` |
/// | `FAULTS_FROM_REQUESTS` | whether a request's baggage may carry rules | `false` |
/// | `FAULT_LEDGER` | path of the ledger file | `LOG_DIR/<service>/faults.ndjson` |
/// | `ADMIN_TOKEN` | token for control routes from outside loopback | none |
///
/// Rules for other services are accepted, so one environment can be shared by all services.
package struct FaultConfiguration: Sendable {
    package var rules: [FaultRule] = []
    package var injector: FaultInjector.Configuration
    /// `nil` keeps the ledger in memory.
    package var ledgerPath: String?
    /// The token that gives access to the control routes from outside loopback.
    package var adminToken: String?

    /// - Throws: `ConfigurationError` for an invalid value.
    package init(role: ServiceRole, environment: Environment, logDirectory: String?) throws {
        injector = FaultInjector.Configuration(service: role)
        if let text = environment.string("FAULTS") {
            do { rules = try FaultRule.list(parsing: text) } catch {
                throw ConfigurationError("FAULTS: \(error)")
            }
        }
        if let text = environment.string("FAULTS_SEED") {
            guard let seed = UInt64(text) else {
                throw ConfigurationError("FAULTS_SEED=\(text): expected a whole number from 0 to \(UInt64.max)")
            }
            injector.seed = seed
        }
        injector.isHidden = try environment.bool("FAULTS_HIDDEN", default: false)
        injector.acceptsFromRequests = try environment.bool("FAULTS_FROM_REQUESTS", default: false)
        ledgerPath =
            try environment.string("FAULT_LEDGER").map(Self.file)
            ?? logDirectory.map { "\($0)/\(role.rawValue)/faults.ndjson" }
        adminToken = try environment.token(FaultControl.tokenVariable)
    }

    private static func file(_ path: String) throws -> String {
        var status = stat()
        let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        guard !isFolder, !path.hasSuffix("/") else {
            throw ConfigurationError(
                "FAULT_LEDGER=\(path): expected a file, such as \(path.trimmedSlash)/faults.ndjson")
        }
        return path
    }
}

extension String {
    fileprivate var trimmedSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}

extension FaultInjector {
    /// Creates an injector with the rules of `configuration`.
    package convenience init(
        configuration: FaultConfiguration, logger: Logger, metrics: any MetricsFactory, clock: WallClock
    ) throws(FaultRuleError) {
        self.init(
            configuration: configuration.injector,
            ledger: FaultLedger(path: configuration.ledgerPath) { logger.warning("\($0)") },
            logger: logger, metrics: metrics, clock: clock)
        try replace(configuration.rules)
    }
}
