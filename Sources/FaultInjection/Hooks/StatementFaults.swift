import SQLite
import Tracing

/// Applies what a request is hit by to its statements.
package struct StatementFaults: StatementInterceptor {
    private let injector: FaultInjector
    private let catalog: FaultCatalog

    package init(injector: FaultInjector, catalog: FaultCatalog = .standard) {
        self.injector = injector
        self.catalog = catalog
    }

    package func willExecute(_ name: String) throws {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        for (fault, effect) in catalog.effects(of: faults) {
            if case .statement(let apply) = effect { try apply(fault, name) }
        }
    }
}
