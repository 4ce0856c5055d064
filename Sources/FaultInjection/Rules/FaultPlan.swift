/// The rules that one service has, and since when.
package struct FaultPlan: Sendable {
    /// A rule with the moment it was set, which its `from` and `for` count from.
    package struct Entry: Sendable {
        package var rule: FaultRule
        package var since: ContinuousClock.Instant
    }

    package static let largest = 100

    package private(set) var entries: [Entry] = []

    package init() {}

    package var rules: [FaultRule] { entries.map(\.rule) }

    /// Takes `rules` in the place of all others.
    /// - Throws: ``FaultRuleError`` where two have one id, or there are too many; nothing is changed then.
    package mutating func replace(_ rules: [FaultRule], at now: ContinuousClock.Instant) throws(FaultRuleError) {
        try Self.check(rules)
        // A rule that stays as it is keeps its time.
        entries = rules.map { rule in
            entries.first { $0.rule == rule } ?? Entry(rule: rule, since: now)
        }
    }

    /// Adds rules.
    /// - Throws: ``FaultRuleError`` if an id is taken, or there are too many; nothing is changed then.
    package mutating func add(_ added: [FaultRule], at now: ContinuousClock.Instant) throws(FaultRuleError) {
        try Self.check(rules + added)
        entries += added.map { Entry(rule: $0, since: now) }
    }

    /// Takes a rule out; `false` if there is none with that id.
    package mutating func remove(id: String) -> Bool {
        guard let index = entries.firstIndex(where: { $0.rule.id == id }) else { return false }
        entries.remove(at: index)
        return true
    }

    /// - Throws: ``FaultRuleError`` where there are too many.
    package static func check(count: Int) throws(FaultRuleError) {
        guard count <= largest else { throw FaultRuleError("\(count) fault rules: expected at most \(largest)") }
    }

    static func check(_ rules: [FaultRule]) throws(FaultRuleError) {
        try check(count: rules.count)
        var seen: Set<String> = []
        for rule in rules where !seen.insert(rule.id).inserted {
            throw FaultRuleError(
                "two fault rules with the id '\(rule.id)': give one another id, such as ,id=\(rule.id)-2")
        }
    }
}
