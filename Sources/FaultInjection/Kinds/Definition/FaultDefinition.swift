import Contracts

/// A kind of fault: what there is to say of it, and what it does. A kind without an effect does not compile.
package struct FaultDefinition: Sendable {
    package let kind: FaultKind
    package let effects: [FaultEffect]

    /// What the effects tell is not asked for again: whether the kind happens to requests or to the whole service, to calls
    /// of other services, or to whoever waits for an answer.
    /// - Parameters:
    ///   - name: the word in a rule.
    ///   - services: those that it can happen to.
    ///   - onlyOperation: the only operation that it can happen to.
    ///   - longest: how long it may last at most, for a kind that holds up more than the request that is hit.
    ///   - brokenRule: the number of the rule by which `tailspan verify` catches it.
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
