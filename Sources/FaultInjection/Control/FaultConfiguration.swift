import Contracts
import Encoding
import Glibc
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
/// | `ADMIN_TOKEN` | opens the control routes to others than loopback | none |
///
/// Rules that do not concern the service are accepted, so that one environment serves all services.
package struct FaultConfiguration: Sendable {
    package var rules: [FaultRule] = []
    package var injector: FaultInjector.Configuration
    /// `nil` keeps the ledger in memory.
    package var ledgerPath: String?
    /// What opens the control routes to others than loopback.
    package var adminToken: String?

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
            try environment.string("FAULT_LEDGER").map(Self.file)
            ?? logDirectory.map { "\($0)/\(role.rawValue)/faults.ndjson" }
        adminToken = try environment.string(FaultControl.tokenVariable).map(Self.token)
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

    /// A token that could not be sent in a header would lock everybody out. It is not repeated in the message.
    private static func token(_ text: String) throws -> String {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ConfigurationError(
                "\(FaultControl.tokenVariable): expected at most 512 visible ASCII characters, without spaces")
        }
        return text
    }
}

extension String {
    fileprivate var trimmedSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}

extension FaultInjector {
    /// An injector with the rules of `configuration`.
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
