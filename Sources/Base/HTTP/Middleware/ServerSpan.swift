import Tracing
import Vocabulary

/// The name and attributes of a SERVER span (OpenTelemetry semantic conventions, HTTP server).
enum ServerSpan {
    /// `POST /v1/tasks`, or the method alone if no route matched, because paths are unbounded.
    static func name(_ request: Request, _ context: RequestContext) -> String {
        if let route = context.routeTelemetry { return route.operation }
        let method = RequestMetrics.known(request.method)
        let verb = method == "_OTHER" ? "HTTP" : method
        return context.endpointPath.map { verb + " " + $0 } ?? verb
    }

    /// The attributes at the start. For a route's requests, most of them are prepared.
    static func attributes(_ request: Request, _ context: RequestContext) -> SpanAttributes {
        let route = context.routeTelemetry
        let prepared = route?.attributes(of: request) { common(request, context, host: $0, userAgent: $1) }
        guard let route, let prepared else {
            var attributes = common(
                request, context, host: request.headers[Header.host], userAgent: request.headers[Header.userAgent])
            add(request, context, hasPath: route?.hasFixedPath == true, to: &attributes)
            return attributes
        }
        var attributes = SpanAttributes(prepared)
        add(request, context, hasPath: route.hasFixedPath, to: &attributes)
        return attributes
    }

    /// What differs between the requests of a route. Status and faults are added at the end.
    private static func add(
        _ request: Request, _ context: RequestContext, hasPath: Bool, to attributes: inout SpanAttributes
    ) {
        attributes.reserveCapacity(6)
        if !hasPath { attributes.append("url.path", .string(request.path)) }
        if let query = request.query { attributes.append("url.query", .string(URLRedaction.query(query).text)) }
        attributes.append(Attribute.requestID, .string(context.id))
    }

    /// What a route's requests from one peer have in common.
    private static func common(
        _ request: Request, _ context: RequestContext, host: String?, userAgent: String?
    ) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes.reserveCapacity(16)
        let method = RequestMetrics.known(request.method)
        attributes.append(Attribute.httpRequestMethod, .string(method))
        if method == "_OTHER" { attributes.append("http.request.method_original", .string(request.method.rawValue)) }
        if let route = context.endpointPath { attributes.append(Attribute.httpRoute, .string(route)) }
        if context.routeTelemetry?.hasFixedPath == true { attributes.append("url.path", .string(request.path)) }
        attributes.append(Attribute.urlScheme, .string(RequestMetrics.scheme))
        // As named by the caller. A malformed field is ignored, because it cannot be trusted.
        if let host, let authority = HTTPAuthority(hostField: host) {
            attributes.append(Attribute.serverAddress, .string(authority.host))
            if !request.cameOverUnixSocket {
                attributes.append(Attribute.serverPort, .int64(Int64(authority.port)))
            }
        }
        if request.cameOverUnixSocket { attributes.append(Attribute.networkTransport, "unix") }
        attributes.append(Attribute.networkProtocolVersion, .string(request.protocolVersion))
        if let address = request.remoteAddress { attributes.append("client.address", .string(address)) }
        if let userAgent { attributes.append("user_agent.original", .string(userAgent)) }
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
