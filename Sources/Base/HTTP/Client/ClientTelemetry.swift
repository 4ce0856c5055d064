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
        let started: ContinuousClock.Instant
        fileprivate let prepared: PreparedCall
    }

    private let peer: String
    private let baseURL: String
    private let redactedBaseURL: String
    private let address: String
    private let port: Int
    /// A Unix-domain socket has no port.
    private var isUnixSocket: Bool { port == 0 }
    private let tracer: any Tracer
    private let logger: Logger
    private let factory: any MetricsFactory
    /// What is known of the calls made so far, for a scan: a service makes a handful of calls to another one.
    private let calls = Mutex<[PreparedCall]>([])
    /// Templates are part of the program. Should somebody make them up, further ones are prepared for each call.
    private static let maximumCalls = 64

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
        let prepared = prepared(request.method, request.urlTemplate ?? "")
        var attributes: SpanAttributes
        if let fixed = prepared.withFixedURL, request.url == prepared.fixedURL {
            attributes = SpanAttributes(fixed)
        } else {
            attributes = SpanAttributes(prepared.attributes)
            attributes.append(Attribute.urlFull, .string(redacted(request.url)))
        }
        if attempt > 1 { attributes.append(Attribute.httpResendCount, .int64(Int64(attempt - 1))) }
        let span = tracer.startSpan(
            prepared.operation, context: context, ofKind: .client, at: nil, attributes: attributes)
        return Call(span: span, started: .now, prepared: prepared)
    }

    private func prepared(_ sent: HTTPMethod, _ template: String) -> PreparedCall {
        calls.withLock { calls in
            let length = template.utf8.count
            for call in calls
            where call.template.utf8.count == length && call.sent == sent && call.template == template {
                return call
            }
            let method = RequestMetrics.known(sent)
            var attributes: SpanAttributes = [
                Attribute.httpRequestMethod: .string(method), Attribute.serverAddress: .string(address),
                Attribute.peerName: .string(peer),
            ]
            if isUnixSocket {
                attributes.append(Attribute.networkTransport, "unix")
            } else {
                attributes.append(Attribute.serverPort, .int64(Int64(port)))
            }
            let url = baseURL + template
            let call = PreparedCall(
                sent: sent, method: method, template: template, attributes: attributes, fixedURL: url,
                redactedURL: redacted(url))
            if calls.count < Self.maximumCalls { calls.append(call) }
            return call
        }
    }

    /// Below this client's base URL, which is already redacted, only the rest can contain a new secret.
    private func redacted(_ url: String) -> String {
        guard url.hasPrefix(baseURL) else { return URLRedaction.url(url) }
        // Most base URLs hold no secret, and then the text need not be put together again.
        if baseURL == redactedBaseURL, !url.utf8.contains(UInt8(ascii: "?")) { return url }
        return redactedBaseURL + URLRedaction.url(String(url.dropFirst(baseURL.count)))
    }

    func inject(_ call: Call, into headers: inout HTTPFields) {
        tracer.inject(call.span.context, into: &headers, using: HTTPFieldsCarrier())
    }

    /// A status of 400 or above is an error of the call, whoever caused it (semantic conventions, CLIENT).
    func end(_ call: Call, response: HTTPClient.Response) {
        let code = response.status.code
        Self.add(code, to: &call.span.attributes)
        finish(call, status: code, errorType: code >= 400 ? String(code) : nil, error: nil)
    }

    /// Both at once, so that the span is locked once.
    private static func add(_ code: Int, to attributes: inout SpanAttributes) {
        attributes[Attribute.httpResponseStatus] = .int64(Int64(code))
        attributes[Attribute.networkProtocolVersion] = "1.1"
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
            duration(of: call.prepared, status, errorType).record(elapsed.seconds)
            guard let errorType else { return }
            call.span.attributes[Attribute.errorType] = .string(errorType)
            call.span.setStatus(SpanStatus(code: .error, message: error.map { String(describing: $0) }))
            // A client error (404, 402, 429 …) is a normal answer of an upstream and needs no attention.
            logger.log(
                level: (400..<500).contains(status) ? .warning : .error, "upstream call failed", error: error,
                metadata: [
                    LogField.component: .string(LogComponent.httpClient),
                    LogField.operation: .string(call.prepared.operation),
                    LogField.peer: .string(peer), LogField.status: .integer(Int64(status)),
                    LogField.errorType: .string(errorType), LogField.durationMS: .double(elapsed.milliseconds),
                ])
        }
        call.span.end()
    }

    private func duration(of call: PreparedCall, _ status: Int, _ errorType: String?) -> Histogram {
        call.duration(status: status, errorType: errorType) {
            var dimensions = [
                (Attribute.httpRequestMethod, call.method), (Attribute.serverAddress, address),
                (Attribute.peerName, peer),
            ]
            if !isUnixSocket { dimensions.append((Attribute.serverPort, String(port))) }
            if !call.template.isEmpty { dimensions.append((Attribute.urlTemplate, call.template)) }
            if status > 0 { dimensions.append((Attribute.httpResponseStatus, String(status))) }
            if let errorType { dimensions.append((Attribute.errorType, errorType)) }
            return Histogram(
                label: "http.client.request.duration", description: "Duration of HTTP client requests.",
                dimensions: dimensions, factory: factory)
        }
    }
}
