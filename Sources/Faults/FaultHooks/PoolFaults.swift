import EventLoop
import FaultKinds
import FaultRules
import Tracing

/// Applies the rules that hit a request to the thread pool that it submits work to.
package struct PoolFaults: ThreadPoolInterceptor {
    private let injector: FaultInjector
    private let eventLoop: EventLoop
    private let catalog: FaultCatalog

    package init(injector: FaultInjector, eventLoop: EventLoop, catalog: FaultCatalog = .standard) {
        self.injector = injector
        self.eventLoop = eventLoop
        self.catalog = catalog
    }

    package func willSubmit(to pool: ThreadPool) {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        for (fault, effect) in catalog.firstEffects(of: faults, on: eventLoop) {
            if case .pool(let apply) = effect { apply(fault, pool) }
        }
    }
}
