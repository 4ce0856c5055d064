import Contracts
import Encoding
import FaultInjection
import Logging
import Metrics

/// How a service is to go wrong. Read from the environment:
///
/// | Variable | Meaning | Default |
/// |---|---|---|
/// | `FAULTS` | rules, separated by `;` or line ends | none |
/// | `FAULTS_SEED` | what decisions are made from, besides rule and trace | 0 |
/// | `FAULTS_HIDDEN` | whether spans and lines keep silent about faults | `false` |
/// | `FAULTS_FROM_REQUESTS` | whether the baggage of a request may bring rules | `false` |
/// | `FAULT_LEDGER` | the file of the ledger | `LOG_DIR/<service>/faults.ndjson` |
package struct FaultConfiguration: Sendable {
    package var rules: [FaultRule] = []
    package var injector: FaultInjector.Configuration
    /// `nil` keeps the ledger in memory.
    package var ledgerPath: String?

    /// - Throws: `ConfigurationError` for a value that cannot be used.
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
            environment.string("FAULT_LEDGER")
            ?? logDirectory.map { "\($0)/\(role.rawValue)/faults.ndjson" }
    }
}

extension FaultInjector {
    /// An injector with the rules of `configuration`.
    convenience init(
        configuration: FaultConfiguration, logger: Logger, metrics: any MetricsFactory, clock: WallClock
    ) throws(FaultRuleError) {
        self.init(
            configuration: configuration.injector,
            ledger: FaultLedger(path: configuration.ledgerPath) { logger.warning("\($0)") },
            logger: logger, metrics: metrics, clock: clock)
        try replace(configuration.rules)
    }
}
