import FaultKinds
import FaultRules
import HTTP
import Tracing

/// Applies the rules that hit a request. It is the innermost middleware, so an injected fault is traced, logged and
/// measured like a real one.
///
/// Effects that delay the request run in rule order. The first rule that answers in place of the handler ends the
/// request. Effects that damage the response apply to whatever the handler answers.
package struct FaultMiddleware: MiddlewareProtocol {
    private let injector: FaultInjector
    private let catalog: FaultCatalog

    package init(injector: FaultInjector, catalog: FaultCatalog = .standard) {
        self.injector = injector
        self.catalog = catalog
    }

    package func isNeeded(for request: Request) -> Bool {
        injector.isActive && ServiceContext.current?.faults != nil
    }

    package func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        guard let faults = ServiceContext.current?.faults else {
            return try await next(request, context)
        }
        let effects = catalog.effects(of: faults, on: context.eventLoop)
        for (fault, effect) in effects {
            guard case .beforeHandling(let apply) = effect, let answer = try await apply(fault) else { continue }
            return answer
        }
        var response = try await next(request, context)
        for (fault, effect) in effects {
            if case .response(let apply) = effect { apply(fault, &response) }
        }
        return response
    }
}
