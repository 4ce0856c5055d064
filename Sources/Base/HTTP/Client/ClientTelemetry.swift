import Encoding
import Logging
import Metrics
import Synchronization
import Tracing
import Vocabulary

/// The CLIENT span, the duration metric and, for failures, the log line of calls to one service
/// (OpenTelemetry semantic conventions, HTTP client). Safe to use from any thread.
final class ClientTelemetry: Sendable {
    /// One attempt in progress.
    struct Call {
        let span: any Span
        let operation: String
        let method: String
        let template: String
        let started: ContinuousClock.Instant
    }

    private struct Key: Hashable {
        let method: String
        let template: String
        let status: Int
        let errorType: String?
    }

    private let peer: String
    private let baseURL: String
    private let redactedBaseURL: String
    private let address: String
    private let port: Int
    private let tracer: any Tracer
    private let logger: Logger
    private let factory: any MetricsFactory
    private let durations = Mutex<[Key: Histogram]>([:])

    init(peer: String, baseURL: String, tracer: any Tracer, logger: Logger, metrics: any MetricsFactory) {
        self.peer = peer
        self.tracer = tracer
        self.logger = logger
        factory = metrics
        self.baseURL = baseURL
        let authority = HTTPAuthority(baseURL)
        redactedBaseURL = authority.redactedURL
        address = authority.host
        port = authority.port
    }

    func begin(_ request: HTTPClient.Request, attempt: Int, context: ServiceContext) -> Call {
        let method = RequestMetrics.known(request.method)
        let template = request.urlTemplate ?? ""
        var attributes: SpanAttributes = [:]
        attributes.reserveCapacity(12)
        attributes[Attribute.httpRequestMethod] = .string(method)
        attributes[Attribute.serverAddress] = .string(address)
        attributes[Attribute.serverPort] = .int64(Int64(port))
        attributes[Attribute.urlFull] = .string(redacted(request.url))
        if !template.isEmpty { attributes[Attribute.urlTemplate] = .string(template) }
        attributes[Attribute.peerName] = .string(peer)
        if attempt > 1 { attributes[Attribute.httpResendCount] = .int64(Int64(attempt - 1)) }
        let operation = template.isEmpty ? method : method + " " + template
        let span = tracer.startSpan(
            operation, context: context, ofKind: .client, at: nil,
            attributes: attributes)
        return Call(span: span, operation: operation, method: method, template: template, started: .now)
    }

    /// Below this client's base URL, which is already redacted, only the rest can contain a new secret.
    private func redacted(_ url: String) -> String {
        guard url.hasPrefix(baseURL) else { return URLRedaction.url(url) }
        return redactedBaseURL + URLRedaction.url(String(url.dropFirst(baseURL.count)))
    }

    func inject(_ call: Call, into headers: inout HTTPFields) {
        tracer.inject(call.span.context, into: &headers, using: HTTPFieldsCarrier())
    }

    /// A status of 400 or above is an error of the call, whoever caused it (semantic conventions, CLIENT).
    func end(_ call: Call, response: HTTPClient.Response) {
        let code = response.status.code
        call.span.attributes[Attribute.httpResponseStatus] = .int64(Int64(code))
        call.span.attributes[Attribute.networkProtocolVersion] = "1.1"
        finish(call, status: code, errorType: code >= 400 ? String(code) : nil, error: nil)
    }

    func end(_ call: Call, error: any Error) {
        let type =
            (error as? HTTPClientError)?.errorType
            ?? (error is CircuitBreaker.Open ? "circuit_open" : ErrorTypeName.of(error))
        call.span.recordError(error)
        finish(call, status: 0, errorType: type, error: error)
    }

    private func finish(_ call: Call, status: Int, errorType: String?, error: (any Error)?) {
        let elapsed = ContinuousClock.now - call.started
        ServiceContext.withValue(call.span.context) {
            histogram(Key(method: call.method, template: call.template, status: status, errorType: errorType))
                .record(elapsed.seconds)
            guard let errorType else { return }
            call.span.attributes[Attribute.errorType] = .string(errorType)
            call.span.setStatus(SpanStatus(code: .error, message: error.map { String(describing: $0) }))
            // A client error (404, 402, 429 …) is a normal answer of an upstream and needs no attention.
            logger.log(
                level: (400..<500).contains(status) ? .warning : .error, "upstream call failed", error: error,
                metadata: [
                    LogField.component: .string(LogComponent.httpClient), LogField.operation: .string(call.operation),
                    LogField.peer: .string(peer), LogField.status: .integer(Int64(status)),
                    LogField.errorType: .string(errorType), LogField.durationMS: .double(elapsed.milliseconds),
                ])
        }
        call.span.end()
    }

    private func histogram(_ key: Key) -> Histogram {
        durations.withLock { durations in
            if let known = durations[key] { return known }
            var dimensions = [
                (Attribute.httpRequestMethod, key.method), (Attribute.serverAddress, address),
                (Attribute.serverPort, String(port)),
                (Attribute.peerName, peer),
            ]
            if !key.template.isEmpty { dimensions.append((Attribute.urlTemplate, key.template)) }
            if key.status > 0 { dimensions.append((Attribute.httpResponseStatus, String(key.status))) }
            if let errorType = key.errorType { dimensions.append((Attribute.errorType, errorType)) }
            let made = Histogram(
                label: "http.client.request.duration", description: "Duration of HTTP client requests.",
                dimensions: dimensions, factory: factory)
            durations[key] = made
            return made
        }
    }
}
