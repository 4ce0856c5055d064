import Contracts
import EventLoop
import HTTP
import Tracing
import Vocabulary

/// Applies what a request is hit by inside the service: to its statements, its queue, its pool.
package struct ServiceFaults: FaultPoints {
    private let injector: FaultInjector
    private let eventLoop: EventLoop
    private let process: ProcessFaults
    private let pool = PoolFaults()

    package init(injector: FaultInjector, eventLoop: EventLoop, process: ProcessFaults = ProcessFaults()) {
        self.process = process
        self.injector = injector
        self.eventLoop = eventLoop
    }

    package func beforeStatement(_ name: String) throws {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        try DatabaseFaults.before(name, faults)
    }

    package func beforeQueued(
        _ operation: String, in context: ServiceContext, span: any Span, value: (String) -> String?
    ) async throws -> ServiceContext {
        guard injector.isActive else { return context }
        var context = context
        context.faults = injector.faults(
            operation: operation, requestID: context.requestID ?? "", context: context, span: span, value: value)
        guard let faults = context.faults else { return context }
        SpanFaults.begin(faults, in: &context)
        for hit in faults.hits {
            switch hit.kind {
            case .queueStall, .latency:
                faults.inject(hit)
                try await eventLoop.sleep(for: hit.delay)
            default: process.apply(hit, faults)
            }
        }
        return context
    }

    package func beforeComputing(in threads: ThreadPool) {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        pool.before(threads, faults, on: eventLoop)
    }
}

extension FaultInjector {
    /// What ``ObservabilityMiddleware`` runs for each request: decides what it is hit by.
    package var preparation: ObservabilityMiddleware.Preparation {
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
            if let faults = current.faults { SpanFaults.begin(faults, in: &current) }
        }
    }
}
