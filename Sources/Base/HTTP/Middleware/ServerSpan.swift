import Synchronization
import Tracing
import Vocabulary

/// The name and attributes of a SERVER span (OpenTelemetry semantic conventions, HTTP server).
enum ServerSpan {
    /// `POST /v1/tasks`, or the method alone if no route matched, because paths are unbounded.
    static func name(_ request: Request, _ context: RequestContext) -> String {
        let method = RequestMetrics.known(request.method)
        let verb = method == "_OTHER" ? "HTTP" : method
        return context.endpointPath.map { verb + " " + $0 } ?? verb
    }

    static func attributes(_ request: Request, _ context: RequestContext) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes.reserveCapacity(16)
        let method = RequestMetrics.known(request.method)
        attributes[Attribute.httpRequestMethod] = .string(method)
        if method == "_OTHER" { attributes["http.request.method_original"] = .string(request.method.rawValue) }
        if let route = context.endpointPath { attributes[Attribute.httpRoute] = .string(route) }
        attributes["url.path"] = .string(request.path)
        attributes[Attribute.urlScheme] = .string(RequestMetrics.scheme)
        if let query = request.query { attributes["url.query"] = .string(URLRedaction.query(query).text) }
        // As named by the caller. A malformed field is ignored, because it cannot be trusted.
        if let host = request.headers[Header.host], let authority = HTTPAuthority(hostField: host) {
            attributes[Attribute.serverAddress] = .string(authority.host)
            attributes[Attribute.serverPort] = .int64(Int64(authority.port))
        }
        attributes[Attribute.networkProtocolVersion] = .string(request.protocolVersion)
        if let address = request.remoteAddress { attributes["client.address"] = .string(address) }
        if let agent = request.headers[Header.userAgent] { attributes["user_agent.original"] = .string(agent) }
        attributes[Attribute.requestID] = .string(context.id)
        return attributes
    }

    /// A 5xx is the server's error; a 4xx is the caller's error and leaves the status unset. A peer that left before
    /// the response was written is an error too, because nobody received it. The status has a description only if the
    /// status code does not explain it.
    static func finish(_ span: any Span, _ sent: ResponseCompletion.Outcome, _ error: (any Error)?) {
        span.attributes[Attribute.httpResponseStatus] = .int64(Int64(sent.status.code))
        if RequestLog.isFailure(sent) {
            if let error { span.recordError(error) }
            span.attributes[Attribute.errorType] = .string(
                sent.written ? String(sent.status.code) : "response_not_written")
            span.setStatus(
                SpanStatus(code: .error, message: sent.written ? nil : "the client went away before the answer"))
        }
        span.end()
    }
}

/// Carries an error from the middleware to the end of the response. Safe to use from any thread.
final class RequestFailure: Sendable {
    private let storage = Mutex<(any Error)?>(nil)
    var error: (any Error)? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
