import Logging
import Synchronization
import TraceContext

/// Rules that requests carry, and values that are passed on with them.
extension FaultInjector {
    /// Returns the rules in the baggage. Invalid rules are ignored here: the service that the caller called reports
    /// them in its answer (``rules(brought:kinds:)``).
    func brought(_ baggage: Baggage) -> [FaultRule] {
        guard let text = baggage[BaggageName.rules] else { return [] }
        do { return try Self.rules(brought: text, kinds: kinds) } catch {
            logger.warning("fault rules of a request ignored", metadata: ["reason": .string(error.description)])
            return []
        }
    }

    /// - Throws: ``FaultRuleError`` for rules that a request may not carry.
    package func check(brought text: String) throws(FaultRuleError) {
        _ = try Self.rules(brought: text, kinds: kinds)
    }

    /// Parses the rules that a request carries.
    /// - Throws: ``FaultRuleError``, also for a service-wide kind.
    package static func rules(brought text: String, kinds: FaultKindTable) throws(FaultRuleError) -> [FaultRule] {
        let rules = try FaultRule.list(parsing: text, kinds: kinds)
        for rule in rules where rule.kind.scope == .service {
            throw FaultRuleError(
                "fault '\(rule)': '\(rule.kind.rawValue)' happens to the whole service: a request cannot bring it")
        }
        return rules
    }

    /// Whether any rule, set or carried, matches on a value that only the first service may know, so the value must be
    /// passed on in the baggage. Rules of other services count: ``FaultRule/recipients`` ensures that they are set here
    /// too.
    package func asksForValues(_ baggage: Baggage?) -> Bool {
        if hasMatches.load(ordering: .relaxed) { return true }
        guard configuration.acceptsFromRequests, let text = baggage?[BaggageName.rules] else { return false }
        return text.contains("match")
    }
}
