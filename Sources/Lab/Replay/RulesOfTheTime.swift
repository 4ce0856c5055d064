import FaultKinds
import FaultRules
import ServiceKit
import TraceContext
import Vocabulary

/// Finds the rules that were in force when a request was made, and whether they differ from the current ones.
struct RulesOfTheTime {
    /// With the seed, so that each means the same everywhere; without `from` and `for` where these depend on the clock.
    private(set) var then: [FaultRule] = []
    /// Whether a request sent now would meet other rules.
    private(set) var differ = false
    private(set) var warnings: [String] = []

    private let record: JournalRecord
    private let services: [ReplayPlan.ServiceRules]
    private let now: UInt64
    /// The time that `from` and `for` count by, if the request carried it.
    private let offset: Duration?
    private let broughtText: String?
    /// Whether the rules that the request brought replaced all others, as in a replay.
    private let isAlone: Bool

    init(_ record: JournalRecord, _ services: [ReplayPlan.ServiceRules], now: UInt64, baggage: Baggage) {
        self.record = record
        self.services = services
        self.now = now
        offset = baggage[FaultInjector.BaggageName.offset].flatMap { Int64($0) }.map { .milliseconds($0) }
        broughtText = baggage[FaultInjector.BaggageName.rules]
        isAlone = baggage[FaultInjector.BaggageName.alone] == "1"
    }

    /// A rule at one service.
    private struct Placed {
        var rule: FaultRule
        var role: ServiceRole
    }

    mutating func collect() throws(ReplayError) {
        let brought = try self.brought()
        var (old, new): ([Placed], [Placed]) = ([], [])
        for service in services {
            guard let latest = service.history.last else { continue }
            var plan = latest
            if let known = service.history.last(where: { $0.time <= record.time }) {
                plan = known
            } else {
                warnings.append(
                    "\(service.role.rawValue) does not know its rules of that time any more, as it was started later or "
                        + "they changed too often: those of now are taken")
            }
            let moment = plan.time > record.time ? now : record.time
            for rule in try rules(plan, at: moment) where !isAlone && !brought.contains(where: { $0.id == rule.id }) {
                old.append(Placed(rule: rule, role: service.role))
            }
            new += try rules(latest, at: now).map { Placed(rule: $0, role: service.role) }
            warnAboutServiceWide(plan, latest, of: service.role)
        }
        let oldRequest = old.filter { $0.rule.concerns($0.role) && $0.rule.kind.scope == .request }
        let newRequest = new.filter { $0.rule.concerns($0.role) && $0.rule.kind.scope == .request }
        differ = !brought.isEmpty || isAlone || keys(oldRequest) != keys(newRequest)
        then = brought + merge(oldRequest)
    }

    private func keys(_ placed: [Placed]) -> Set<String> { Set(placed.map { "\($0.role) \($0.rule)" }) }

    /// The rules that the request brought.
    private func brought() throws(ReplayError) -> [FaultRule] {
        guard let broughtText else { return [] }
        do {
            return try FaultInjector.rules(brought: broughtText).map { rule in
                var rule = rule
                rule.seed = rule.seed ?? record.seed
                return rule
            }
        } catch {
            throw ReplayError("the rules that the request brought cannot be read: \(error)")
        }
    }

    /// The rules of a plan that were in force at `moment`.
    private func rules(_ plan: FaultPlanRecord, at moment: UInt64) throws(ReplayError) -> [FaultRule] {
        var result: [FaultRule] = []
        for entry in plan.rules {
            var rule: FaultRule
            do { rule = try FaultRule(parsing: entry.rule) } catch {
                throw ReplayError("a rule of a service cannot be read: \(error)")
            }
            let age = Duration.nanoseconds(Int64(clamping: moment) - Int64(clamping: entry.since))
            // Times are in milliseconds: a rule set just before may seem to have a negative age.
            guard rule.isInForce(after: offset ?? max(.zero, age)) else { continue }
            if offset == nil { (rule.from, rule.length) = (.zero, nil) }
            rule.seed = rule.seed ?? plan.seed
            result.append(rule)
        }
        return result
    }

    /// Merges equal rules into one for all services that had it. A rule for every service that only some had is limited
    /// to these by name.
    private mutating func merge(_ placed: [Placed]) -> [FaultRule] {
        var result: [FaultRule] = []
        var done: Set<String> = []
        for item in placed where done.insert("\(item.rule)").inserted {
            let holders = placed.filter { $0.rule == item.rule }.map(\.role)
            let concerned = services.map(\.role).filter { item.rule.concerns($0) }
            if holders.count == concerned.count {
                result.append(item.rule)
            } else if holders.count == 1, let role = holders.first {
                var rule = item.rule
                rule.service = role
                result.append(rule)
            } else {
                warnings.append(
                    "'\(item.rule)' was set at \(holders.map(\.rawValue).joined(separator: " and ")) only, but comes to "
                        + "\(concerned.map(\.rawValue).joined(separator: ", "))")
                result.append(item.rule)
            }
        }
        return result
    }

    /// Rules for a whole service cannot be brought by a request.
    private mutating func warnAboutServiceWide(
        _ plan: FaultPlanRecord, _ latest: FaultPlanRecord, of role: ServiceRole
    ) {
        func texts(_ plan: FaultPlanRecord, _ moment: UInt64) -> [String] {
            // An unreadable rule has already been reported.
            let rules = (try? self.rules(plan, at: moment)) ?? []
            return rules.filter { $0.concerns(role) && $0.kind.scope == .service }.map {
                var rule = $0
                rule.seed = nil
                return rule.description
            }
        }
        let (before, after) = (texts(plan, record.time), texts(latest, now))
        for rule in before where !after.contains(rule) {
            warnings.append("\(role.rawValue): '\(rule)' was in force then and is not now")
        }
        for rule in after where !before.contains(rule) {
            warnings.append("\(role.rawValue): '\(rule)' is in force now and was not then")
        }
    }
}
