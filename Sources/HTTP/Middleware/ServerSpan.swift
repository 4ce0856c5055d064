import Synchronization
import Tracing

/// What a SERVER span says (OpenTelemetry semantic conventions, HTTP server).
enum ServerSpan {
    /// `POST /v1/tasks`; the method alone where no route matched, since a path has no bounds.
    static func name(_ request: Request, _ context: RequestContext) -> String {
        let method = RequestMetrics.known(request.method)
        let verb = method == "_OTHER" ? "HTTP" : method
        return context.endpointPath.map { verb + " " + $0 } ?? verb
    }

    static func attributes(_ request: Request, _ context: RequestContext) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes.reserveCapacity(12)
        let method = RequestMetrics.known(request.method)
        attributes["http.request.method"] = .string(method)
        if method == "_OTHER" { attributes["http.request.method_original"] = .string(request.method.rawValue) }
        if let route = context.endpointPath { attributes["http.route"] = .string(route) }
        attributes["url.path"] = .string(request.path)
        attributes["url.scheme"] = "http"
        if let query = request.query { attributes["url.query"] = .string(query) }
        if let address = request.remoteAddress { attributes["client.address"] = .string(address) }
        if let agent = request.headers["user-agent"] { attributes["user_agent.original"] = .string(agent) }
        attributes["tailspan.request.id"] = .string(context.id)
        return attributes
    }

    /// A 5xx is the server's error; a 4xx is the caller's and leaves the status unset. A peer that went away before the
    /// answer was written is an error too: nobody got it.
    static func finish(_ span: any Span, _ sent: ResponseCompletion.Outcome, _ error: (any Error)?) {
        span.attributes["http.response.status_code"] = .int64(Int64(sent.status.code))
        if RequestLog.isFailure(sent) {
            if let error { span.recordError(error) }
            span.attributes["error.type"] = .string(sent.written ? String(sent.status.code) : "response_not_written")
            span.setStatus(SpanStatus(code: .error, message: error.map { String(describing: $0) }))
        }
        span.end()
    }
}

/// Carries an error from the middleware to the moment the response is over. Safe to use from any thread.
final class RequestOutcome: Sendable {
    private let storage = Mutex<(any Error)?>(nil)
    var error: (any Error)? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
