import Contracts

/// What goes wrong, as a description: enough to read rules, to decide, and to keep the books. Two kinds of one name are one.
package struct FaultKind: Sendable, Hashable {
    /// The word in a rule.
    package let rawValue: String
    package let family: Family
    package let scope: Scope
    /// The services that it can happen to.
    package let services: Set<ServiceRole>
    /// The only operation that it can happen to; `nil` for any.
    package let onlyOperation: String?
    /// Whether it happens to calls of other services.
    package let needsUpstream: Bool
    /// Whether it happens to a request that waits for an answer, so that a worker of a queue has no use for it.
    package let needsRequest: Bool
    /// The argument that it takes.
    package let argument: FaultArgument.Form
    /// How long it may last at most, where it holds up more than the request that is hit.
    package let longest: Duration?
    /// How small its size may be.
    package let least: Least?
    /// What happens, in a few words.
    package let summary: String
    /// The number of the rule by which `tailspan verify` catches it; `nil` if it trips none.
    package let brokenRule: Int?

    /// What a kind breaks.
    package enum Family: String, Sendable, CaseIterable {
        case wire
        case process
        case correlation
    }

    /// To what it happens.
    package enum Scope: String, Sendable {
        /// To single requests: the trace id decides.
        case request
        /// To the whole service while the rule is in force: it takes no `rate` and no `match`.
        case service
    }

    /// The least size of an argument in bytes, and why.
    package struct Least: Sendable {
        package var bytes: Int
        package var reason: String

        package init(bytes: Int, reason: String) {
            self.bytes = bytes
            self.reason = reason
        }
    }

    package init(
        _ name: String, family: Family, scope: Scope, services: Set<ServiceRole>, onlyOperation: String?,
        needsUpstream: Bool, needsRequest: Bool, argument: FaultArgument.Form, longest: Duration?, least: Least?,
        summary: String, brokenRule: Int?
    ) {
        rawValue = name
        self.family = family
        self.scope = scope
        self.services = services
        self.onlyOperation = onlyOperation
        self.needsUpstream = needsUpstream
        self.needsRequest = needsRequest
        self.argument = argument
        self.longest = longest
        self.least = least
        self.summary = summary
        self.brokenRule = brokenRule
    }

    package static func == (left: FaultKind, right: FaultKind) -> Bool { left.rawValue == right.rawValue }
    package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
