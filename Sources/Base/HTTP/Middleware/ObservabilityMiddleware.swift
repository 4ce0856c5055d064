import Metrics
import Tracing
import Vocabulary

/// Handles everything common to all requests in one pass: a SERVER span that continues the caller's trace, a request
/// id, the caller's deadline, one log line, the duration metric, `traceresponse`, and a problem+json response for
/// errors thrown by inner layers.
///
/// The span ends and the line is written once the body has been sent. Quiet routes (health, metrics) get none of this.
/// Follows OpenTelemetry's HTTP semantic conventions and W3C Trace Context Level 2.
public struct ObservabilityMiddleware: MiddlewareProtocol {
    private let tracer: any Tracer
    private let metrics: RequestMetrics
    private let quietRoutes: [String]
    private let randomUInt64: @Sendable () -> UInt64
    private let prepare: Preparation?

    /// Adds to the context in which a request is handled and its log line is written. Receives the request, its context
    /// and its span.
    public typealias Preparation = @Sendable (Request, RequestContext, any Span, inout ServiceContext) -> Void

    /// Creates the middleware.
    /// - Parameters:
    ///   - tracer: creates the spans and extracts the callers' context.
    ///   - metrics: receives the durations.
    ///   - quietRoutes: templates of routes that are not traced, logged or measured.
    ///   - randomUInt64: the source of request ids.
    ///   - prepare: runs once the span has been started.
    public init(
        tracer: any Tracer, metrics: any MetricsFactory, quietRoutes: Set<String>,
        randomUInt64: @escaping @Sendable () -> UInt64, prepare: Preparation? = nil
    ) {
        self.prepare = prepare
        self.tracer = tracer
        self.metrics = RequestMetrics(factory: metrics)
        self.quietRoutes = Array(quietRoutes)
        self.randomUInt64 = randomUInt64
    }

    /// Handles `request` inside a SERVER span.
    public func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        if let route = context.endpointPath, isQuiet(route) {
            return try await next(request, context)
        }
        let started = ContinuousClock.now
        var incoming = ServiceContext.topLevel
        tracer.extract(request.headers, into: &incoming, using: HTTPFieldsCarrier())
        var context = context
        context.id = RequestID.accept(request.headers[Header.requestID]) ?? RequestID.make(randomUInt64)
        incoming.requestID = context.id
        if let timeout = RequestDeadline.parse(request.headers[Header.requestTimeout]) {
            context.deadline = started + timeout
            incoming.deadline = context.deadline
        }

        // Not read from the span, which has no name if it is not sampled.
        let operation = ServerSpan.name(request, context)
        let span = tracer.startSpan(
            operation, context: incoming, ofKind: .server, at: nil,
            attributes: ServerSpan.attributes(request, context))
        var current = span.context
        prepare?(request, context, span, &current)
        metrics.began(method: request.method)
        let observed = ObservedRequest(
            method: request.method, context: context, operation: operation, span: span, current: current,
            started: started, metrics: metrics)
        context.completion.onComplete { observed.completed($0) }

        return await ServiceContext.withValue(current) {
            var response: Response
            do {
                response = try await next(request, context)
            } catch {
                observed.error = error
                response = HTTPError(answering: error).response(
                    instance: request.path, extensions: problemExtensions(context, span.context))
            }
            response.headers[Header.requestID] = context.id
            if let traceParent = tracer.traceParent(of: span.context) {
                response.headers[Header.traceResponse] = traceParent
                response.headers[Header.traceID] = traceID(inTraceParent: traceParent)
            }
            return response
        }
    }

    /// Compared one by one: there are three, and hashing a path takes longer.
    private func isQuiet(_ route: String) -> Bool {
        let length = route.utf8.count
        for quiet in quietRoutes where quiet.utf8.count == length && quiet == route { return true }
        return false
    }

    private func problemExtensions(_ context: RequestContext, _ service: ServiceContext) -> [(String, String)] {
        var result = [(LogField.requestID, context.id)]
        if let traceParent = tracer.traceParent(of: service) {
            result.insert((LogField.traceID, traceID(inTraceParent: traceParent)), at: 0)
        }
        return result
    }
}

extension HTTPError {
    /// Creates the response error for `error`: its own response, or 500 without internal details.
    package init(answering error: any Error) {
        switch error {
        case let error as HTTPError: self = error
        case let error as any HTTPErrorConvertible: self = error.httpError
        case is CancellationError:
            self = HTTPError(.serviceUnavailable, message: "the request was given up while the service stopped")
        default: self = HTTPError(.internalServerError, message: "an unexpected error; the trace says more")
        }
    }
}

/// An error that knows its HTTP response without being an ``HTTPError`` itself.
public protocol HTTPErrorConvertible: Error {
    /// The response, as an error.
    var httpError: HTTPError { get }
}
