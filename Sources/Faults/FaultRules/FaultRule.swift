import Vocabulary

/// One fault: what happens, to which requests of which service, and when.
///
///     service[.operation]:kind[=argument][,rate=30%][,match=guild_id:g-7][,from=10s][,for=30s][,id=name][,seed=n]
///
/// A value type, parsed by ``init(parsing:)`` and written by ``description``.
package struct FaultRule: Sendable, Equatable, CustomStringConvertible {
    /// Unique within a plan. The decision is derived from it, so a higher rate still hits every request that a lower
    /// rate hits.
    package var id: String
    /// `nil` for every service that the kind can hit.
    package var service: ServiceRole?
    /// `nil` for every operation.
    package var operation: String?
    package var kind: FaultKind
    package var argument: FaultArgument
    /// The share of requests that are hit, from 0 to 1.
    package var rate: Double
    package var matches: [FaultMatch]
    /// The delay after the rule was set until it is in force.
    package var from: Duration
    /// How long the rule is in force; `nil` for no limit.
    package var length: Duration?
    /// Replaces the plan's seed.
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

    /// The default id of a rule without `id`.
    package static func standardID(_ service: ServiceRole?, _ operation: String?, _ kind: FaultKind) -> String {
        ([service?.rawValue ?? "all", operation].compactMap { $0 } + [kind.rawValue]).joined(separator: "-")
    }

    /// Whether the rule can hit this service at all.
    package func concerns(_ service: ServiceRole) -> Bool {
        (self.service ?? service) == service && kind.services.contains(service)
    }

    /// The services that must receive the rule: those it applies to, and the gateway if the rule matches on request
    /// values. Only the gateway may know these values, and it passes them on.
    package var recipients: [ServiceRole] {
        ServiceRole.allCases.filter { concerns($0) || $0 == .gateway && !matches.isEmpty }
    }

    /// Whether the rule is in force when `elapsed` has passed since it was set.
    package func isInForce(after elapsed: Duration) -> Bool {
        elapsed >= from && (length.map { elapsed < from + $0 } ?? true)
    }

    /// The argument after the `=` of the kind; empty if there is none.
    package var argumentText: String {
        // A positive offset is written with an explicit sign.
        if case .duration(let duration) = argument, kind.argument == .signedDuration, duration > .zero {
            return "+" + RuleText.text(duration)
        }
        return RuleText.text(argument)
    }

    /// The rate as it would be written, such as `30%`.
    package var rateText: String { RuleText.percent(rate) }

    /// The rule's text. Parsing it gives an equal rule.
    package var description: String {
        var text = (service?.rawValue ?? "*") + (operation.map { "." + $0 } ?? "") + ":" + kind.rawValue
        if !argumentText.isEmpty { text += "=" + argumentText }
        if rate < 1 { text += ",rate=" + rateText }
        for match in matches { text += ",match=\(match)" }
        if from > .zero { text += ",from=" + RuleText.text(from) }
        if let length { text += ",for=" + RuleText.text(length) }
        if id != Self.standardID(service, operation, kind) { text += ",id=" + id }
        if let seed { text += ",seed=\(seed)" }
        return text
    }
}

/// Why a text is not a valid rule, in one line that says what was expected. Errors with the same line are equal.
package struct FaultRuleError: Error, Equatable, CustomStringConvertible {
    package var description: String
    /// The line without the rule, where it begins with it.
    package var reason: String
    /// Where in the rule the wrong part begins, in characters from 1; `nil` if it is no single part.
    package var column: Int?

    package init(_ description: String) {
        self.description = description
        reason = description
    }

    init(_ reason: String, of rule: String) {
        description = "fault '\(rule)': \(reason)"
        self.reason = reason
    }

    package static func == (left: FaultRuleError, right: FaultRuleError) -> Bool {
        left.description == right.description
    }
}
