import Vocabulary

/// One way to go wrong: what happens, to which requests of which service, and when.
///
///     service[.operation]:kind[=argument][,rate=30%][,match=guild_id:g-7][,from=10s][,for=30s][,id=name][,seed=n]
///
/// A value type, read by ``init(parsing:)`` and written back by ``description``.
package struct FaultRule: Sendable, Equatable, CustomStringConvertible {
    /// Unique within a plan. What the decision is made from, so that another rate keeps the requests that were hit.
    package var id: String
    /// `nil` for every service that the kind can happen to.
    package var service: ServiceRole?
    /// `nil` for every one.
    package var operation: String?
    package var kind: FaultKind
    package var argument: FaultArgument
    /// The share of requests that are hit, from 0 to 1.
    package var rate: Double
    package var matches: [FaultMatch]
    /// From when on, after the rule was set.
    package var from: Duration
    /// How long; `nil` for ever.
    package var length: Duration?
    /// Instead of the plan's.
    package var seed: UInt64?

    package init(
        id: String? = nil, service: ServiceRole?, operation: String? = nil, kind: FaultKind, argument: FaultArgument,
        rate: Double = 1, matches: [FaultMatch] = [], from: Duration = .zero, length: Duration? = nil,
        seed: UInt64? = nil
    ) {
        self.service = service
        self.operation = operation
        self.kind = kind
        self.argument = argument
        self.rate = rate
        self.matches = matches
        self.from = from
        self.length = length
        self.seed = seed
        self.id = id ?? Self.standardID(service, operation, kind)
    }

    /// What a rule without `id` is called.
    package static func standardID(_ service: ServiceRole?, _ operation: String?, _ kind: FaultKind) -> String {
        ([service?.rawValue ?? "all", operation].compactMap { $0 } + [kind.rawValue]).joined(separator: "-")
    }

    /// Whether it concerns this service at all.
    package func concerns(_ service: ServiceRole) -> Bool {
        (self.service ?? service) == service && kind.services.contains(service)
    }

    /// The services that must be told of it: those it concerns, and the gateway if it asks for values of the request,
    /// which only the gateway may know and passes on.
    package var recipients: [ServiceRole] {
        ServiceRole.allCases.filter { concerns($0) || $0 == .gateway && !matches.isEmpty }
    }

    /// Whether it is in force so long after it was set.
    package func isInForce(after elapsed: Duration) -> Bool {
        elapsed >= from && (length.map { elapsed < from + $0 } ?? true)
    }

    /// What stands after the kind's `=`; empty for nothing.
    package var argumentText: String {
        // A clock that is ahead says so.
        if case .duration(let duration) = argument, kind.argument == .signedDuration, duration > .zero {
            return "+" + RuleText.text(duration)
        }
        return RuleText.text(argument)
    }

    /// The rule's text: reading it gives the same rule.
    package var description: String {
        var text = (service?.rawValue ?? "*") + (operation.map { "." + $0 } ?? "") + ":" + kind.rawValue
        if !argumentText.isEmpty { text += "=" + argumentText }
        if rate < 1 { text += ",rate=" + RuleText.percent(rate) }
        for match in matches { text += ",match=\(match)" }
        if from > .zero { text += ",from=" + RuleText.text(from) }
        if let length { text += ",for=" + RuleText.text(length) }
        if id != Self.standardID(service, operation, kind) { text += ",id=" + id }
        if let seed { text += ",seed=\(seed)" }
        return text
    }
}

/// Why a text is no rule, in one line that says what was expected.
package struct FaultRuleError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
