import FaultKinds
import FaultRules
import SQLite
import Tracing

/// Applies the rules that hit a request to its SQL statements.
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
