import Encoding
import Logging
import Synchronization
import Tracing

/// A request from its arrival to the end of its response: what the line, the metric and the end of the span need.
/// Safe to use from any thread.
final class ObservedRequest: Sendable {
    private let method: HTTPMethod
    // Not the context: it holds the completion, which holds this.
    private let template: String?
    private let route: RouteTelemetry?
    private let logger: Logger
    private let operation: String
    private let span: any Span
    private let current: ServiceContext
    private let started: ContinuousClock.Instant
    private let metrics: RequestMetrics
    private let failure = Mutex<(any Error)?>(nil)

    init(
        method: HTTPMethod, context: RequestContext, operation: String, span: any Span, current: ServiceContext,
        started: ContinuousClock.Instant, metrics: RequestMetrics
    ) {
        self.method = method
        template = context.endpointPath
        route = context.routeTelemetry
        logger = context.logger
        self.operation = operation
        self.span = span
        self.current = current
        self.started = started
        self.metrics = metrics
    }

    /// The error that became the response.
    var error: (any Error)? {
        get { failure.withLock { $0 } }
        set { failure.withLock { $0 = newValue } }
    }

    /// Records the end: the metric, the line, and then the span.
    func completed(_ sent: ResponseCompletion.Outcome) {
        let seconds = (ContinuousClock.now - started).seconds
        let error = error
        ServiceContext.withValue(current) {
            metrics.ended(route, method: method, template: template, status: sent.status, seconds: seconds)
            RequestLog.write(operation, sent, error, seconds: seconds, to: logger)
        }
        ServerSpan.finish(span, sent, error)
    }
}
