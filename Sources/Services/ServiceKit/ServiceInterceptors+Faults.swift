import Contracts
import EventLoop
import FaultHooks
import FaultKinds
import FaultRules

extension ServiceInterceptors {
    /// Creates interceptors that apply the faults that hit requests inside a service.
    package init(faults injector: FaultInjector, eventLoop: EventLoop, catalog: FaultCatalog = .standard) {
        self.init(
            statements: StatementFaults(injector: injector, catalog: catalog),
            messages: MessageFaults(injector: injector, eventLoop: eventLoop, catalog: catalog),
            pool: PoolFaults(injector: injector, eventLoop: eventLoop, catalog: catalog),
            upstream: UpstreamFaults(injector: injector, catalog: catalog))
    }
}
