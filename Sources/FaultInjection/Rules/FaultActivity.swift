import Synchronization

/// Whether there is anything to ask an injector for: what hot places read first. Safe to use from any thread; each
/// question costs one relaxed load.
package final class FaultActivity: Sendable {
    @usableFromInline package let anything = Atomic(false)
    private let past = Atomic(false)
    private let serviceRules = Atomic(false)
    private let lostSpans = Atomic(false)

    package init() {}

    /// Whether a request may be hit by something, or the service is under a rule.
    @inlinable package var isActive: Bool { anything.load(ordering: .relaxed) }

    /// Whether there ever was: a request that was hit stays hit, and is told of, when its rules are gone.
    package var hasBeenActive: Bool { past.load(ordering: .relaxed) }

    /// Whether there is a rule of a kind that happens to the whole service, in force or not.
    package var hasServiceRules: Bool { serviceRules.load(ordering: .relaxed) }

    /// Whether a request's spans were ever kept back: as long as not, no span has to be looked at.
    package var losesSpans: Bool { lostSpans.load(ordering: .relaxed) }

    func loseSpans() { lostSpans.store(true, ordering: .relaxed) }

    func set(isActive: Bool, hasServiceRules: Bool) {
        anything.store(isActive, ordering: .relaxed)
        if isActive { past.store(true, ordering: .relaxed) }
        serviceRules.store(hasServiceRules, ordering: .relaxed)
    }
}
