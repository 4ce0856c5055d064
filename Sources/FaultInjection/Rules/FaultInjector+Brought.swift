import Logging
import OTel
import Synchronization

/// What requests bring, and what is passed on with them.
extension FaultInjector {
    /// The caller learns from the answer of the service that it asked what is wrong with its rules (``rules(brought:kinds:)``);
    /// further in they are passed over.
    func brought(_ baggage: Baggage) -> [FaultRule] {
        guard let text = baggage[BaggageName.rules] else { return [] }
        do { return try Self.rules(brought: text, kinds: kinds) } catch {
            logger.warning("fault rules of a request ignored", metadata: ["reason": .string(error.description)])
            return []
        }
    }

    /// - Throws: ``FaultRuleError`` for rules that a request cannot bring.
    package func check(brought text: String) throws(FaultRuleError) {
        _ = try Self.rules(brought: text, kinds: kinds)
    }

    /// Reads rules that a request brings.
    /// - Throws: ``FaultRuleError``, also for a kind that happens to the whole service.
    package static func rules(brought text: String, kinds: FaultKindTable) throws(FaultRuleError) -> [FaultRule] {
        let rules = try FaultRule.list(parsing: text, kinds: kinds)
        for rule in rules where rule.kind.scope == .service {
            throw FaultRuleError(
                "fault '\(rule)': '\(rule.kind.rawValue)' happens to the whole service: a request cannot bring it")
        }
        return rules
    }

    /// Whether a rule, of this plan or brought, asks for something that only the first service may know, so that it must
    /// be passed on in the baggage. Rules of other services count: ``FaultRule/recipients`` has them set here too.
    package func asksForValues(_ baggage: Baggage?) -> Bool {
        if hasMatches.load(ordering: .relaxed) { return true }
        guard configuration.acceptsFromRequests, let text = baggage?[BaggageName.rules] else { return false }
        return text.contains("match")
    }
}
