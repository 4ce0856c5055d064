import Encoding
import Logging
import Metrics
import Synchronization
import Vocabulary

/// Runs a service's rules: decides what hits each request, and keeps the ledger. Safe to use from any thread.
package final class FaultInjector: Sendable {
    package struct Configuration: Sendable {
        package var service: ServiceRole
        /// The plan's seed, for rules without their own seed.
        package var seed: UInt64 = 0
        /// Whether spans and log lines omit fault marks at the start. The ledger always records faults.
        package var isHidden = false
        /// Whether a request may carry rules, its scenario time, or the deciding trace id.
        package var acceptsFromRequests = false

        package init(service: ServiceRole) { self.service = service }
    }

    /// The baggage entries with which a request controls faults.
    package enum BaggageName {
        /// Rules, separated by `;`.
        package static let rules = "tailspan.fault"
        /// The scenario time in milliseconds. `from` and `for` are measured against it instead of the clock.
        package static let offset = "tailspan.at"
        /// The trace id that decides instead of the request's own.
        package static let replayOf = "tailspan.replay"
        /// The trace id that decides downstream of a call whose trace context was cut by a fault. Set by services and
        /// trusted by the services they call.
        package static let cutFrom = "tailspan.cut"
        /// `1` if only the rules that the request carries apply; rules set on services are ignored.
        package static let alone = "tailspan.fault-alone"

        /// The entries that determine how faults are decided.
        package static let all = [rules, offset, replayOf, alone]
    }

    package let configuration: Configuration
    package let ledger: FaultLedger
    private let plan = Mutex(FaultPlan())
    private let changes: Mutex<FaultHistory>
    private let observers = Mutex<[@Sendable ([FaultRule]) -> Void]>([])
    /// Whether there is anything to decide; read by every request.
    package let activity = FaultActivity()
    /// The kinds that rules may name.
    let kinds: FaultKindTable
    /// Objects that kinds keep for the service.
    package let memory = FaultMemory()
    private let isSet = Atomic(false)
    let clock: WallClock
    let now: @Sendable () -> ContinuousClock.Instant
    let logger: Logger
    let counts: FaultCounts
    private let currentSeed: Atomic<UInt64>
    private let currentlyHidden: Atomic<Bool>
    /// Whether the gauge of rules in force exists: it does from the first time on that faults are not hidden.
    private let hasGauge = Atomic(false)
    private let metrics: any MetricsFactory
    /// Whether any rule matches on request values, so that they must be passed on.
    let hasMatches = Atomic(false)
    /// The service-wide rules that have been recorded, by id, each with the time it was set.
    let activations = Mutex<[String: ContinuousClock.Instant]>([:])

    package init(
        configuration: Configuration, kinds: FaultKindTable, ledger: FaultLedger, logger: Logger,
        metrics: any MetricsFactory, clock: WallClock = .system,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.kinds = kinds
        self.configuration = configuration
        self.ledger = ledger
        self.logger = logger
        self.clock = clock
        self.now = now
        self.metrics = metrics
        counts = FaultCounts(metrics: metrics)
        currentSeed = Atomic(configuration.seed)
        currentlyHidden = Atomic(configuration.isHidden)
        changes = Mutex(FaultHistory(FaultPlanRecord(time: clock.now(), seed: configuration.seed)))
        activity.set(isActive: configuration.acceptsFromRequests, hasServiceRules: false)
        if !configuration.isHidden { makeGauge() }
    }

    /// Whether spans, lines and metrics keep silent about faults now.
    package var isHidden: Bool { currentlyHidden.load(ordering: .relaxed) }

    /// Has spans, lines and metrics keep silent about faults from now on, or mark them again. What was written stays
    /// as it is, and so do the rules, the ledger and the history.
    package func hide(_ isHidden: Bool) {
        currentlyHidden.store(isHidden, ordering: .relaxed)
        if !isHidden { makeGauge() }
    }

    private func makeGauge() {
        guard !hasGauge.exchange(true, ordering: .relaxed) else { return }
        metrics.observe(
            label: "tailspan.faults.active", description: "Fault rules in force.", unit: "{rule}", kind: .gauge,
            dimensions: []
        ) { [weak self] in
            guard let self, !isHidden else { return 0 }
            return Double(rulesInForce.count)
        }
    }

    /// Whether any rule is set, including rules for other services.
    package var hasRules: Bool { isSet.load(ordering: .relaxed) }

    /// `false` while no request can be hit. Costs one relaxed load.
    package var isActive: Bool { activity.isActive }

    // MARK: The rules

    /// All rules that are set, in force or not.
    package var entries: [FaultPlan.Entry] { plan.withLock { $0.entries } }

    /// The rules of this service that are in force now.
    package var rulesInForce: [FaultRule] {
        let now = now()
        return entries.filter { isInForce($0, at: now) }.map(\.rule)
    }

    /// The seed of decisions, for rules without their own seed.
    package var seed: UInt64 { currentSeed.load(ordering: .relaxed) }

    /// Replaces all rules with `rules`, and the plan's seed with `seed` if it is given.
    /// - Throws: ``FaultRuleError``; in that case nothing changes.
    package func replace(_ rules: [FaultRule], seed: UInt64? = nil) throws(FaultRuleError) {
        try change(seed: seed) { plan, now throws(FaultRuleError) in try plan.replace(rules, at: now) }
    }

    /// Adds rules, all or none.
    /// - Throws: ``FaultRuleError``; in that case nothing changes.
    package func add(_ rules: [FaultRule]) throws(FaultRuleError) {
        try change { plan, now throws(FaultRuleError) in try plan.add(rules, at: now) }
    }

    package func add(_ rule: FaultRule) throws(FaultRuleError) { try add([rule]) }

    /// Removes a rule. Returns `false` if no rule has that id.
    package func remove(id: String) -> Bool {
        var isFound = false
        change { plan, _ in isFound = plan.remove(id: id) }
        return isFound
    }

    private func change<E: Error>(
        seed: UInt64? = nil, _ body: (inout FaultPlan, ContinuousClock.Instant) throws(E) -> Void
    ) throws(E) {
        let now = now()
        let result: Result<[FaultRule]?, E> = plan.withLock { plan in
            var changed = plan
            do throws(E) { try body(&changed, now) } catch { return .failure(error) }
            counts.keep(Set(changed.rules.filter(plan.rules.contains).map(\.id)))
            let isNew = changed.rules != plan.rules || seed.map { $0 != self.seed } ?? false
            plan = changed
            activity.set(
                isActive: configuration.acceptsFromRequests || !changed.entries.isEmpty,
                hasServiceRules: changed.rules.contains { $0.kind.scope == .service })
            isSet.store(!changed.entries.isEmpty, ordering: .relaxed)
            hasMatches.store(changed.rules.contains { !$0.matches.isEmpty }, ordering: .relaxed)
            if let seed { currentSeed.store(seed, ordering: .relaxed) }
            if isNew { remember(changed, at: now) }
            return .success(isNew ? changed.rules : nil)
        }
        guard let rules = try result.get() else { return }
        for observer in observers.withLock({ $0 }) { observer(rules) }
        guard !isHidden else { return }
        logger.notice(
            "fault rules changed",
            metadata: [
                LogField.component: "faults", "rules": .array(rules.map { .string($0.description) }),
                "count": .integer(Int64(rules.count)), "seed": .string(String(self.seed)),
            ])
    }

    /// Calls `body` with all rules whenever they have changed.
    package func onChange(_ body: @escaping @Sendable ([FaultRule]) -> Void) { observers.withLock { $0.append(body) } }

    private func remember(_ plan: FaultPlan, at now: ContinuousClock.Instant) {
        let time = clock.now()
        let rules = plan.entries.map { entry in
            let age = UInt64(max(0, entry.since.duration(to: now) / .nanoseconds(1)))
            return FaultPlanRecord.Rule(rule: entry.rule.description, since: time - min(age, time))
        }
        let record = FaultPlanRecord(time: time, seed: seed, rules: rules)
        changes.withLock { $0.append(record) }
    }

    /// The rules after each of the newest changes, oldest first. The last record is the current state.
    package var history: [FaultPlanRecord] { changes.withLock { $0.records } }

    /// A rule that is set, and its effect so far.
    package struct Status: Sendable {
        package var rule: FaultRule
        package var isInForce: Bool
        /// How often the rule has taken effect since it was set.
        package var injected: Int
    }

    /// All rules that are set.
    package var statuses: [Status] {
        let now = now()
        return entries.map { entry in
            Status(
                rule: entry.rule, isInForce: isInForce(entry, at: now), injected: counts.sinceSet(entry.rule.id))
        }
    }

    func isInForce(_ entry: FaultPlan.Entry, at now: ContinuousClock.Instant) -> Bool {
        entry.rule.concerns(configuration.service) && entry.rule.isInForce(after: entry.since.duration(to: now))
    }
}
