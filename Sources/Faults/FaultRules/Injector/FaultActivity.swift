import Synchronization

/// Flags that hot paths check before they ask an injector. Safe to use from any thread. Each check costs one relaxed
/// load.
package final class FaultActivity: Sendable {
    @usableFromInline package let anything = Atomic(false)
    private let past = Atomic(false)
    private let serviceRules = Atomic(false)
    private let lostSpans = Atomic(false)

    package init() {}

    /// Whether a rule may hit a request or the service.
    @inlinable package var isActive: Bool { anything.load(ordering: .relaxed) }

    /// Whether ``isActive`` was ever true. A request that was hit stays hit and keeps its marks after its rules are
    /// removed.
    package var hasBeenActive: Bool { past.load(ordering: .relaxed) }

    /// Whether a service-wide rule is set, in force or not.
    package var hasServiceRules: Bool { serviceRules.load(ordering: .relaxed) }

    /// Whether spans of any request were ever withheld. Until then, spans need not be inspected.
    package var losesSpans: Bool { lostSpans.load(ordering: .relaxed) }

    func loseSpans() { lostSpans.store(true, ordering: .relaxed) }

    func set(isActive: Bool, hasServiceRules: Bool) {
        anything.store(isActive, ordering: .relaxed)
        if isActive { past.store(true, ordering: .relaxed) }
        serviceRules.store(hasServiceRules, ordering: .relaxed)
    }
}
