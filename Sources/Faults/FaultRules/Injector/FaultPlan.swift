/// The rules of one service, with the time each was set.
package struct FaultPlan: Sendable {
    /// A rule and the time it was set; its `from` and `for` count from then.
    package struct Entry: Sendable {
        package var rule: FaultRule
        package var since: ContinuousClock.Instant
    }

    package static let largest = 100

    package private(set) var entries: [Entry] = []

    package init() {}

    package var rules: [FaultRule] { entries.map(\.rule) }

    /// Replaces all rules with `rules`.
    /// - Throws: ``FaultRuleError`` for duplicate ids or too many rules; in that case nothing changes.
    package mutating func replace(_ rules: [FaultRule], at now: ContinuousClock.Instant) throws(FaultRuleError) {
        try Self.check(rules)
        // An unchanged rule keeps its start time.
        entries = rules.map { rule in
            entries.first { $0.rule == rule } ?? Entry(rule: rule, since: now)
        }
    }

    /// Adds rules.
    /// - Throws: ``FaultRuleError`` if an id is taken or there are too many rules; in that case nothing changes.
    package mutating func add(_ added: [FaultRule], at now: ContinuousClock.Instant) throws(FaultRuleError) {
        try Self.check(rules + added)
        entries += added.map { Entry(rule: $0, since: now) }
    }

    /// Removes a rule. Returns `false` if no rule has that id.
    package mutating func remove(id: String) -> Bool {
        guard let index = entries.firstIndex(where: { $0.rule.id == id }) else { return false }
        entries.remove(at: index)
        return true
    }

    /// - Throws: ``FaultRuleError`` if there are too many rules.
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
