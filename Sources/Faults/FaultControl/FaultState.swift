import Encoding
import FaultRules
import HTTP
import Vocabulary

/// A service's report on its faults, as served at ``FaultControl/path``.
package struct FaultState: Sendable, Equatable {
    /// One rule and its effect so far.
    package struct Rule: Sendable, Equatable {
        package var id: String
        /// The rule's text; see ``FaultRule/description``.
        package var rule: String
        package var kind: String
        /// `request` or `service`.
        package var scope: String
        /// Whether the rule applies to the service and is currently in force.
        package var isInForce: Bool
        /// How often the rule has taken effect since it was set.
        package var injected: Int

        package init(id: String, rule: String, kind: String, scope: String, isInForce: Bool, injected: Int) {
            self.id = id
            self.rule = rule
            self.kind = kind
            self.scope = scope
            self.isInForce = isInForce
            self.injected = injected
        }
    }

    package var service: String
    package var seed: UInt64
    package var isHidden: Bool
    package var acceptsFromRequests: Bool
    package var rules: [Rule]

    package init(service: String, seed: UInt64, isHidden: Bool, acceptsFromRequests: Bool, rules: [Rule]) {
        self.service = service
        self.seed = seed
        self.isHidden = isHidden
        self.acceptsFromRequests = acceptsFromRequests
        self.rules = rules
    }

    /// Returns `nil` if `json` is not such a document.
    package init?(_ json: JSONValue) {
        guard let service = json["service"]?.string, let seed = json["seed"].flatMap(Self.seed),
            let list = json["rules"]?.array
        else { return nil }
        self.service = service
        self.seed = seed
        isHidden = json["hidden"]?.bool ?? false
        acceptsFromRequests = json["accepts_from_requests"]?.bool ?? false
        rules = []
        for item in list {
            guard let id = item["id"]?.string, let rule = item["rule"]?.string else { return nil }
            rules.append(
                Rule(
                    id: id, rule: rule, kind: item["kind"]?.string ?? "", scope: item["scope"]?.string ?? "",
                    isInForce: item["in_force"]?.bool ?? false,
                    injected: Int(item["injected"]?.integer ?? 0)))
        }
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("service", service)
            $0.name("seed")
            Self.write(seed: seed, to: &$0)
            $0.member("hidden", isHidden)
            $0.member("accepts_from_requests", acceptsFromRequests)
            $0.name("rules")
            $0.array {
                for rule in rules {
                    $0.object {
                        $0.member("id", rule.id)
                        $0.member("rule", rule.rule)
                        $0.member("kind", rule.kind)
                        $0.member("scope", rule.scope)
                        $0.member("in_force", rule.isInForce)
                        $0.member("injected", rule.injected)
                    }
                }
            }
        }
    }

    /// See ``FaultSeed/write(_:to:)``.
    package static func write(seed: UInt64, to json: inout JSONWriter) { FaultSeed.write(seed, to: &json) }

    /// See ``FaultSeed/read(_:)``.
    package static func seed(_ json: JSONValue) -> UInt64? { FaultSeed.read(json) }
}

extension FaultInjector {
    /// The state that the control API reports.
    package var state: FaultState {
        FaultState(
            service: configuration.service.rawValue, seed: seed, isHidden: isHidden,
            acceptsFromRequests: configuration.acceptsFromRequests,
            rules: statuses.map { status in
                FaultState.Rule(
                    id: status.rule.id, rule: status.rule.description, kind: status.rule.kind.rawValue,
                    scope: status.rule.kind.scope.rawValue, isInForce: status.isInForce, injected: status.injected)
            })
    }
}

/// Names shared by the control API and its clients.
package enum FaultControl {
    package static let path = "/admin/faults"
    package static let ledgerPath = "/admin/faults/ledger"
    package static let historyPath = "/admin/faults/history"
    package static let hiddenPath = "/admin/faults/hidden"
    /// The environment variable that holds the token.
    package static let tokenVariable = AdminAccess.tokenVariable
}
