import FaultKinds
import FaultRules
import HTTP
import TraceContext
import Tracing
import Vocabulary

/// Takes in what a request brings of faults: rules in the field `x-tailspan-fault` go into its baggage, so that they reach
/// every service, and what rules match by goes there too, where only the gateway knows it. As a middleware, where requests
/// may bring rules, it refuses those that are none.
package struct FaultIngress: MiddlewareProtocol {
    private let injector: FaultInjector

    package init(injector: FaultInjector) { self.injector = injector }

    /// What runs for each request before any rule is considered, and then considers them.
    package static func preparation(
        _ injector: FaultInjector, catalog: FaultCatalog = .standard
    ) -> ObservabilityMiddleware.Preparation {
        let consider = injector.preparation(catalog)
        return { request, context, span, current in
            guard injector.isActive else { return }
            // Where requests may bring rules, most bring none.
            guard injector.hasRules || current.baggage != nil || request.headers[Header.fault] != nil else { return }
            if injector.configuration.acceptsFromRequests, let text = request.headers[Header.fault], !text.isEmpty {
                var baggage = current.baggage ?? Baggage()
                let others = baggage[FaultInjector.BaggageName.rules].map { $0 + ";" } ?? ""
                baggage[FaultInjector.BaggageName.rules] = others + text
                current.baggage = baggage
            }
            // Not always: the body has to be read for it, and each further call gets longer.
            if injector.configuration.service == .gateway, injector.asksForValues(current.baggage) {
                passOnValues(of: request, context, &current)
            }
            consider(request, context, span, &current)
        }
    }

    private static func passOnValues(
        of request: Request, _ context: RequestContext, _ current: inout ServiceContext
    ) {
        var values = RequestValues(request, context)
        var baggage = current.baggage ?? Baggage()
        for key in FaultMatch.keys where key != LogField.requestID {
            guard let value = values.value(key) else { continue }
            baggage["tailspan." + key] = value
        }
        if !baggage.isEmpty { current.baggage = baggage }
    }

    package func isNeeded(for request: Request) -> Bool {
        injector.configuration.acceptsFromRequests
            && (request.headers[Header.fault] != nil || request.headers[Header.baggage] != nil)
    }

    package func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        let header = request.headers[Header.fault]
        // Nobody inside sends the field, so it comes from outside; baggage does if it reaches the gateway.
        let isFromOutside = header != nil || injector.configuration.service == .gateway
        if isFromOutside, let baggage = ServiceContext.current?.baggage,
            let text = baggage[FaultInjector.BaggageName.rules]
        {
            // What baggage cannot hold would be left behind on the way, without a word.
            guard Baggage(headerValue: baggage.headerValue) == baggage else {
                throw HTTPError(
                    .badRequest, type: "invalid-fault",
                    message:
                        "fault rules of \(text.utf8.count) bytes: expected so few that baggage holds them, 8 KiB in all"
                )
            }
            do { try injector.check(brought: text) } catch {
                throw HTTPError(.badRequest, type: "invalid-fault", message: error.description)
            }
        }
        return try await next(request, context)
    }
}
