import Encoding
import FaultRules
import Logging
import Metrics

/// Parsing and decisions with the kinds of ``FaultCatalog/standard``.
extension FaultKind {
    /// All kinds, in display order.
    package static var allCases: [FaultKind] { FaultCatalog.standard.kinds.kinds }

    /// Returns the kind with that name.
    package init?(rawValue: String) {
        guard let kind = FaultCatalog.standard.kinds[rawValue] else { return nil }
        self = kind
    }
}

extension FaultRule {
    /// Parses one rule.
    ///
    /// - Throws: ``FaultRuleError`` with one line that says what was expected and names the nearest valid word.
    package init(parsing text: String) throws(FaultRuleError) {
        try self.init(parsing: text, kinds: FaultCatalog.standard.kinds)
    }

    /// Parses rules separated by `;` or line ends. Empty entries are allowed.
    ///
    /// - Throws: ``FaultRuleError``, also for duplicate ids.
    package static func list(parsing text: String) throws(FaultRuleError) -> [FaultRule] {
        try list(parsing: text, kinds: FaultCatalog.standard.kinds)
    }
}

extension FaultInjector {
    package convenience init(
        configuration: Configuration, ledger: FaultLedger, logger: Logger, metrics: any MetricsFactory,
        clock: WallClock = .system, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.init(
            configuration: configuration, kinds: FaultCatalog.standard.kinds, ledger: ledger, logger: logger,
            metrics: metrics, clock: clock, now: now)
    }

    /// Parses the rules that a request carries.
    /// - Throws: ``FaultRuleError``, also for a service-wide kind.
    package static func rules(brought text: String) throws(FaultRuleError) -> [FaultRule] {
        try rules(brought: text, kinds: FaultCatalog.standard.kinds)
    }
}
