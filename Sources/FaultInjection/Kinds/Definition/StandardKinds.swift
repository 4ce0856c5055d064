import Encoding
import Logging
import Metrics

/// Reading and deciding with the kinds of ``FaultCatalog/standard``.
extension FaultKind {
    /// All kinds, in the order in which they are shown.
    package static var allCases: [FaultKind] { FaultCatalog.standard.kinds.kinds }

    /// The kind of that name.
    package init?(rawValue: String) {
        guard let kind = FaultCatalog.standard.kinds[rawValue] else { return nil }
        self = kind
    }
}

extension FaultRule {
    /// Reads one rule.
    ///
    /// - Throws: ``FaultRuleError`` with one line that says what was expected, and the nearest word that would do.
    package init(parsing text: String) throws(FaultRuleError) {
        try self.init(parsing: text, kinds: FaultCatalog.standard.kinds)
    }

    /// Reads rules that are separated by `;` or line ends; what stands between two of them may be empty.
    ///
    /// - Throws: ``FaultRuleError``, also where two have one id.
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

    /// Reads rules that a request brings.
    /// - Throws: ``FaultRuleError``, also for a kind that happens to the whole service.
    package static func rules(brought text: String) throws(FaultRuleError) -> [FaultRule] {
        try rules(brought: text, kinds: FaultCatalog.standard.kinds)
    }
}
