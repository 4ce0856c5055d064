import Vocabulary

/// The description of a kind of fault: enough to parse rules, decide and keep records. Kinds with the same name are
/// equal.
package struct FaultKind: Sendable, Hashable {
    /// The word in a rule.
    package let rawValue: String
    package let family: Family
    package let scope: Scope
    /// The services it can hit.
    package let services: Set<ServiceRole>
    /// The only operation it can hit; `nil` for any.
    package let onlyOperation: String?
    /// Whether it affects calls to other services.
    package let needsUpstream: Bool
    /// Whether it requires a request that waits for an answer, so it does not apply to a queue worker.
    package let needsRequest: Bool
    /// The argument it takes.
    package let argument: FaultArgument.Form
    /// The maximum duration, for a kind that holds up more than the request that is hit.
    package let longest: Duration?
    /// The minimum size.
    package let least: Least?
    /// What happens, in a few words.
    package let summary: String
    /// The number of the `tailspan verify` rule that catches it; `nil` if it breaks none.
    package let brokenRule: Int?

    /// The area in which a kind breaks things.
    package enum Family: String, Sendable, CaseIterable {
        case wire
        case process
        case correlation

        /// A heading.
        package var title: String {
            switch self {
            case .wire: "On the wire"
            case .process: "In the process"
            case .correlation: "In the correlation of logs and traces"
            }
        }
    }

    /// What a kind can hit.
    package enum Scope: String, Sendable {
        /// Single requests: the trace id decides.
        case request
        /// The whole service while the rule is in force: it takes no `rate` and no `match`.
        case service
    }

    /// The minimum argument in bytes, with the reason.
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
