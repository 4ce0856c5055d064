import Contracts
import EventLoop

extension ServiceInterceptors {
    /// Those that apply what requests are hit by inside a service.
    package init(faults injector: FaultInjector, eventLoop: EventLoop, catalog: FaultCatalog = .standard) {
        self.init(
            statements: StatementFaults(injector: injector, catalog: catalog),
            messages: MessageFaults(injector: injector, eventLoop: eventLoop, catalog: catalog),
            pool: PoolFaults(injector: injector, eventLoop: eventLoop, catalog: catalog),
            upstream: UpstreamFaults(injector: injector, catalog: catalog))
    }
}
