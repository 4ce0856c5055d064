import FaultKinds
import FaultRules
import HTTP
import TraceContext
import Tracing
import Vocabulary

/// Accepts faults that arrive with a request. Rules in the header `x-tailspan-fault` are moved to the request's
/// baggage, so they reach every service. Values that only the gateway knows, but that rules match on, are added to the
/// baggage too. As a middleware, it refuses invalid rules where requests may carry rules.
package struct FaultIngress: MiddlewareProtocol {
    private let injector: FaultInjector

    package init(injector: FaultInjector) { self.injector = injector }

    /// Returns the preparation that runs for each request: it copies rules and match values to the baggage, then
    /// decides which rules hit the request.
    package static func preparation(
        _ injector: FaultInjector, catalog: FaultCatalog = .standard
    ) -> ObservabilityMiddleware.Preparation {
        let consider = injector.preparation(catalog)
        return { request, context, span, current in
            guard injector.isActive else { return }
            // Where requests may carry rules, most carry none.
            guard injector.hasRules || current.baggage != nil || request.headers[Header.fault] != nil else { return }
            if injector.configuration.acceptsFromRequests, let text = request.headers[Header.fault], !text.isEmpty {
                var baggage = current.baggage ?? Baggage()
                let others = baggage[FaultInjector.BaggageName.rules].map { $0 + ";" } ?? ""
                baggage[FaultInjector.BaggageName.rules] = others + text
                current.baggage = baggage
            }
            // Only when needed: reading the values parses the body, and the extra baggage makes every further call
            // longer.
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
        // No service sends this header, so a request that has it comes from outside. Baggage does if it reaches the
        // gateway.
        let isFromOutside = header != nil || injector.configuration.service == .gateway
        if isFromOutside, let baggage = ServiceContext.current?.baggage,
            let text = baggage[FaultInjector.BaggageName.rules]
        {
            // Rules that do not fit in the baggage would be dropped silently on the way.
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
