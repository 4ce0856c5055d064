import FaultRules
import Vocabulary

/// A kind of fault: its description and its effects. A kind without an effect does not compile.
package struct FaultDefinition: Sendable {
    package let kind: FaultKind
    package let effects: [FaultEffect]

    /// Some properties of the kind are derived from its effects: whether it hits requests or the whole service,
    /// upstream calls, or only requests that wait for an answer.
    /// - Parameters:
    ///   - name: the word in a rule.
    ///   - services: the services it can hit.
    ///   - onlyOperation: the only operation it can hit.
    ///   - longest: the maximum duration, for a kind that holds up more than the request that is hit.
    ///   - brokenRule: the number of the `tailspan verify` rule that catches it.
    ///   - summary: what happens, in a few words.
    package init(
        _ name: String, _ family: FaultKind.Family, services: Set<ServiceRole> = Set(ServiceRole.allCases),
        onlyOperation: String? = nil, argument: FaultArgument.Form = .none, longest: Duration? = nil,
        least: FaultKind.Least? = nil, brokenRule: Int? = nil, summary: String,
        _ effect: FaultEffect, _ more: FaultEffect...
    ) {
        effects = [effect] + more
        let isServiceWide = effects.contains(where: \.isServiceWide)
        precondition(effects.allSatisfy { $0.isServiceWide == isServiceWide }, "\(name) has effects of two scopes")
        kind = FaultKind(
            name, family: family, scope: isServiceWide ? .service : .request, services: services,
            onlyOperation: onlyOperation, needsUpstream: effects.allSatisfy(\.isOfUpstream),
            needsRequest: effects.allSatisfy(\.isOfAnswer), argument: argument, longest: longest, least: least,
            summary: summary, brokenRule: brokenRule)
    }
}
