import TraceContext
import Vocabulary

/// Explains step by step whether a rule hits a request, and lists what the rule and the request's id alone do not
/// determine.
package struct FaultExplanation: Sendable, Equatable {
    /// The id that the decision is derived from.
    package enum Request: Sendable, Equatable {
        case trace(TraceID)
        /// For a request without a trace.
        case requestID(String)
    }

    package var rule: FaultRule
    package var seed: UInt64
    package var request: Request
    package var decision: FaultDecision

    /// - Parameter seed: the plan's seed; a rule's own seed takes precedence.
    package init(_ rule: FaultRule, request: Request, seed: UInt64) {
        let seed = rule.seed ?? seed
        self.rule = rule
        self.seed = seed
        self.request = request
        decision =
            switch request {
            case .trace(let id): FaultDecision(seed: seed, ruleID: rule.id, traceID: id)
            case .requestID(let id): FaultDecision(seed: seed, ruleID: rule.id, requestID: id)
            }
    }

    /// Whether the decision applies at all: service-wide faults are not decided per request.
    package var isDecided: Bool { rule.kind.scope == .request }

    /// Whether the request is hit if all ``conditions`` hold.
    package var isHit: Bool { isDecided && decision.isHit(rate: rule.rate) }

    /// The value sampled for the request; `nil` if the rule has no distribution.
    package var sample: Duration? {
        guard isHit, case .delay(let distribution) = rule.argument else { return nil }
        return decision.sample(distribution)
    }

    /// The sample as it would be written in a rule.
    package var sampleText: String? { sample.map { RuleText.text($0) } }

    /// Further conditions that cannot be determined from the id.
    package var conditions: [String] {
        var conditions: [String] = []
        let services = ServiceRole.allCases.filter(rule.concerns).map(\.rawValue)
        if isDecided {
            let place =
                services.count == ServiceRole.allCases.count ? "any service" : services.joined(separator: " or ")
            conditions.append("it reaches \(place)" + (rule.operation.map { ", there the operation \($0)" } ?? ""))
        }
        for match in rule.matches { conditions.append("its \(match.key) is \(match.meaning)") }
        if rule.from > .zero || rule.length != nil {
            let from = RuleText.text(rule.from)
            let until = rule.length.map { " and before \(RuleText.text(rule.from + $0))" } ?? ""
            conditions.append("it begins \(from) or more\(until) after the rule was set")
        }
        return conditions
    }
}

extension FaultMatch {
    fileprivate var meaning: String {
        value.hasSuffix("*") ? "something that begins with '\(value.dropLast())'" : "'\(value)'"
    }
}
