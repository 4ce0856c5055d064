import FaultKinds
import FaultRules
import HTTP
import Tracing
import Vocabulary

extension FaultInjector {
    /// The preparation that ``ObservabilityMiddleware`` runs for each request. It decides which rules hit the request.
    package func preparation(_ catalog: FaultCatalog = .standard) -> ObservabilityMiddleware.Preparation {
        let service = configuration.service
        let names = Dictionary(
            ServiceOperation.all.filter { $0.service == service }.map { ($0.span, $0.name) }, uniquingKeysWith: { $1 })
        return { [self] request, context, span, current in
            guard isActive, let template = context.endpointPath,
                let operation = names[request.method.rawValue + " " + template]
            else { return }
            var values = RequestValues(request, context)
            current.faults = faults(
                operation: operation, requestID: context.id, context: current, span: span
            ) { values.value($0) }
            if let faults = current.faults { faults.begin(in: &current, catalog) }
        }
    }
}

extension RequestFaults {
    /// Applies the effects that concern the whole request, before any of it is handled in `context`.
    package func begin(in context: inout ServiceContext, _ catalog: FaultCatalog = .standard) {
        for (fault, effect) in catalog.effects(of: self) {
            if case .beginning(let apply) = effect { apply(fault, &context) }
        }
    }
}
