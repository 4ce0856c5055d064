import HTTP
import Tracing

/// Applies what a request is hit by: the innermost middleware, so that an injected fault is traced, logged and measured
/// like a real one.
///
/// What delays the request comes in the order of the rules; the first rule that answers in the handler's place ends it;
/// what damages the answer is applied to whatever the handler answers.
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
