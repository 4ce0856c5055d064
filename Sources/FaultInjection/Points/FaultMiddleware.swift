import Contracts
import EventLoop
import HTTP
import Tracing

/// Applies what a request is hit by: the innermost middleware, so that an injected fault is traced, logged and measured
/// like a real one.
package struct FaultMiddleware: MiddlewareProtocol {
    private let injector: FaultInjector

    package init(injector: FaultInjector) { self.injector = injector }

    package func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        guard injector.isActive, let faults = ServiceContext.current?.faults else {
            return try await next(request, context)
        }
        for hit in faults.hits {
            switch hit.kind {
            case .latency:
                faults.inject(hit)
                try await context.eventLoop?.sleep(for: hit.delay)
            case .error:
                guard case .status(let code, let message) = hit.rule.argument else { continue }
                faults.inject(hit)
                throw HTTPError(
                    HTTPStatus(code: code), type: "injected-fault", message: message ?? "the service failed")
            default: continue
            }
        }
        return try await next(request, context)
    }
}
