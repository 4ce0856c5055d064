import FaultKinds
import FaultRules
import HTTP
import Tracing

/// Applies the rules that hit a request to its outgoing calls.
package struct UpstreamFaults: UpstreamInterceptor {
    private let injector: FaultInjector
    private let catalog: FaultCatalog

    package init(injector: FaultInjector, catalog: FaultCatalog = .standard) {
        self.injector = injector
        self.catalog = catalog
    }

    package func policy(forCallsTo upstream: String) -> UpstreamPolicy? {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return nil }
        var policy: UpstreamPolicy?
        for (fault, effect) in catalog.firstEffects(of: faults) where fault.hit.means(upstream: upstream) {
            guard case .upstreamPolicy(let apply) = effect else { continue }
            var changed = policy ?? UpstreamPolicy()
            apply(fault, &changed)
            policy = changed
        }
        return policy
    }

    package func willRetry(callTo upstream: String) {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        for (fault, effect) in catalog.firstEffects(of: faults) where fault.hit.means(upstream: upstream) {
            if case .upstreamRetry(let apply) = effect { apply(fault) }
        }
    }

    package func willSend(_ request: inout HTTPClient.Request, to upstream: String) {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        for (fault, effect) in catalog.effects(of: faults) where fault.hit.means(upstream: upstream) {
            if case .upstreamRequest(let apply) = effect { apply(fault, &request) }
        }
    }
}
