import Contracts
import OTel

/// Whether a rule hits a request, step by step, and what cannot be known from the rule and the request's id alone.
package struct FaultExplanation: Sendable, Equatable {
    /// What the decision is made from.
    package enum Request: Sendable, Equatable {
        case trace(TraceID)
        /// For a request without a trace.
        case requestID(String)
    }

    package var rule: FaultRule
    package var seed: UInt64
    package var request: Request
    package var decision: FaultDecision

    /// - Parameter seed: the plan's; a rule's own goes before it.
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

    /// Whether the decision has any part in it: what happens to the whole service is not decided by a request.
    package var isDecided: Bool { rule.kind.scope == .request }

    /// Whether the request is hit if all ``conditions`` hold.
    package var isHit: Bool { isDecided && decision.isHit(rate: rule.rate) }

    /// What is drawn for the request; `nil` if the rule draws nothing.
    package var sample: Duration? {
        guard isHit, case .delay(let distribution) = rule.argument else { return nil }
        return decision.sample(distribution)
    }

    /// As a rule would write it.
    package var sampleText: String? { sample.map { RuleText.text($0) } }

    /// What must hold besides, and cannot be told from the id.
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
