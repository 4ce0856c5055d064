import EventLoop
import FaultKinds
import FaultRules
import HTTP
import Messaging
import Tracing

/// Decides which rules hit a queue message, and applies them.
package struct MessageFaults: MessageMiddleware {
    private let injector: FaultInjector
    private let eventLoop: EventLoop
    private let catalog: FaultCatalog

    package init(injector: FaultInjector, eventLoop: EventLoop, catalog: FaultCatalog = .standard) {
        self.injector = injector
        self.eventLoop = eventLoop
        self.catalog = catalog
    }

    package func handle(
        _ message: any QueuedMessage, context: ServiceContext, span: any Span,
        next: (ServiceContext) async throws -> Void
    ) async throws {
        guard injector.isActive else { return try await next(context) }
        var context = context
        context.faults = injector.faults(
            operation: message.operation, requestID: context.requestID ?? "", context: context, span: span,
            value: message.value(forKey:))
        guard let faults = context.faults else { return try await next(context) }
        faults.begin(in: &context, catalog)
        for (fault, effect) in catalog.effects(of: faults, on: eventLoop) {
            if case .beforeMessage(let apply) = effect { try await apply(fault) }
        }
        try await next(context)
    }
}
