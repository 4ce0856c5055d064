import Encoding
import EventLoop
import Logging
import Metrics
import Tracing
import Vocabulary

/// Calls another service. Every attempt is measured and has a CLIENT span; the trace context, request id and remaining
/// time are passed on. Calls are retried where that is safe. Safe to use from any thread.
public struct UpstreamClient: Sendable {
    /// How calls behave.
    public struct Configuration: Sendable {
        /// The timeout of one attempt; the caller's deadline may shorten it.
        public var timeout: Duration = .seconds(5)
        /// The additional time beyond one attempt's timeout that a call may take for all attempts and the pauses
        /// between them. The caller's deadline may shorten it too.
        public var timeForRetries: Duration = .seconds(10)
        /// The maximum number of attempts for a safe call.
        public var maximumAttempts = 3
        /// The statuses after which a safe call is retried.
        public var retriedStatuses: Set<Int> = [429, 502, 503, 504]
        /// Whether a safe call is retried after a lost answer, when the first attempt may have been carried out.
        ///
        /// ``HTTPClient`` itself sends a safe call again whose kept connection was closed. If this is `false`, a refusal
        /// (4xx) of a second POST or PATCH is no answer: every refusal proves that nothing was carried out.
        public var retriesLostAnswers = true
        /// The pause before the second attempt. It doubles with each further attempt; half of it is random.
        public var backoff: Duration = .milliseconds(50)
        /// Creates the default configuration.
        public init() {}
    }

    /// The upstream's service name.
    public let name: String
    private let baseURL: String
    private let httpClient: HTTPClient
    private let eventLoop: EventLoop
    private let configuration: Configuration
    private let randomUInt64: @Sendable () -> UInt64
    private let telemetry: ClientTelemetry
    private let logger: Logger
    private let breaker = CircuitBreaker()
    private let interceptor: (any UpstreamInterceptor)?

    /// Creates a client for the service `name` at `baseURL`, which has no trailing slash; that of a Unix-domain socket
    /// ends with a colon.
    public init(
        name: String, baseURL: String, httpClient: HTTPClient, eventLoop: EventLoop, tracer: any Tracer, logger: Logger,
        metrics: any MetricsFactory, configuration: Configuration = Configuration(),
        randomUInt64: @escaping @Sendable () -> UInt64, interceptor: (any UpstreamInterceptor)? = nil
    ) {
        self.interceptor = interceptor
        self.name = name
        self.baseURL = baseURL
        self.httpClient = httpClient
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.randomUInt64 = randomUInt64
        self.logger = logger
        telemetry = ClientTelemetry(
            peer: name, baseURL: baseURL, tracer: tracer, logger: logger, metrics: metrics)
    }

    /// Sends a request and returns the response, whatever its status.
    ///
    /// A call is retried after a failed connection, a broken transfer, or one of the retried statuses. This requires an
    /// idempotent method or an `idempotency-key`, and enough time before the deadline. Every attempt carries the same
    /// key. While the address does not respond at all, most calls fail at once (``CircuitBreaker``).
    /// - Parameters:
    ///   - template: the path's template, which names the span.
    ///   - query: the query with its `?`, or an empty string.
    /// - Throws: ``UpstreamError`` if there is no response in time.
    public func send(
        _ method: HTTPMethod, _ path: String, template: String, query: String = "", headers: HTTPFields = [:],
        body: [UInt8] = []
    ) async throws -> HTTPClient.Response {
        let request = HTTPClient.Request(
            method: method, url: baseURL + path + query, headers: headers, body: body, urlTemplate: template)
        let policy = interceptor?.policy(forCallsTo: name)
        let attempts = policy?.attempts ?? (request.isIdempotent ? max(1, configuration.maximumAttempts) : 1)
        let deadline = deadline(policy)
        var attempt = 1
        while true {
            let result = await self.attempt(request, number: attempt, copies: policy?.copies ?? 1, until: deadline)
            guard attempt < attempts, let pause = pause(after: result, attempt: attempt, policy, until: deadline) else {
                return try result.get()
            }
            if policy?.attempts != nil { interceptor?.willRetry(callTo: name) }
            try await eventLoop.sleep(for: pause)
            attempt += 1
        }
    }

    /// When the whole call must have ended. An explicit policy is limited only by the caller's deadline.
    private func deadline(_ policy: UpstreamPolicy?) -> ContinuousClock.Instant? {
        let callers = ServiceContext.current?.deadline
        if policy != nil { return callers }
        let own = ContinuousClock.now + configuration.timeout + configuration.timeForRetries
        return callers.map { min($0, own) } ?? own
    }

    /// Sends `copies` requests at the same time; the first result counts.
    private func attempt(
        _ request: HTTPClient.Request, number: Int, copies: Int, until deadline: ContinuousClock.Instant?
    ) async -> Result<HTTPClient.Response, UpstreamError> {
        guard copies > 1 else { return await attempt(request, number: number, until: deadline) }
        return await withTaskGroup { group in
            // At once, not in a later turn of the loop: the copies belong to what this turn writes.
            for _ in 0..<copies { group.addImmediateTask { await attempt(request, number: number, until: deadline) } }
            var first: Result<HTTPClient.Response, UpstreamError>?
            for await result in group where first == nil { first = result }
            return first ?? .failure(UpstreamError(service: name, reason: .deadline))
        }
    }

    private func attempt(
        _ request: HTTPClient.Request, number: Int, until deadline: ContinuousClock.Instant?
    ) async -> Result<
        HTTPClient.Response, UpstreamError
    > {
        var request = request
        var timeout = configuration.timeout
        let current = ServiceContext.current ?? .topLevel
        if let deadline {
            let left = deadline - .now
            guard left > .milliseconds(1) else { return .failure(UpstreamError(service: name, reason: .deadline)) }
            timeout = min(timeout, left)
        }
        request.headers[Header.requestTimeout] = String(max(1, Int64(timeout.seconds * 1000)))
        if let id = current.requestID { request.headers[Header.requestID] = id }
        let call = telemetry.begin(request, attempt: number, context: current)
        telemetry.inject(call, into: &request.headers)
        interceptor?.willSend(&request, to: name)
        do {
            let response = try await throughBreaker(request, timeout: timeout)
            telemetry.end(call, response: response)
            if !configuration.retriesLostAnswers, response.followsLostAnswer, response.status.isClientError,
                !request.method.isIdempotent
            {
                let reason = "it was sent again after a lost answer, and then refused with \(response.status.code)"
                return .failure(UpstreamError(service: name, reason: .broken(reason)))
            }
            return .success(response)
        } catch {
            telemetry.end(call, error: error)
            return .failure(UpstreamError(service: name, reason: .init(error)))
        }
    }

    private func throughBreaker(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
        try breaker.enter()
        do {
            let response = try await httpClient.execute(request, timeout: timeout)
            note(breaker.leave(nil))
            return response
        } catch {
            note(breaker.leave(error))
            throw error
        }
    }

    /// Logged outside any request, because it concerns many traces.
    private func note(_ change: CircuitBreaker.Change) {
        ServiceContext.withValue(nil) {
            switch change {
            case .none: break
            case .opened:
                logger.warning(
                    "an upstream's address does not answer: calls fail at once until it does",
                    metadata: [LogField.component: .string(LogComponent.httpClient), LogField.peer: .string(name)])
            case .closed:
                logger.info(
                    "an upstream's address answers again",
                    metadata: [LogField.component: .string(LogComponent.httpClient), LogField.peer: .string(name)])
            }
        }
    }

    /// Returns the pause before the next attempt; `nil` if there should be none.
    private func pause(
        after result: Result<HTTPClient.Response, UpstreamError>, attempt: Int, _ policy: UpstreamPolicy?,
        until deadline: ContinuousClock.Instant?
    ) -> Duration? {
        if let policy, let pause = policy.pause {
            if case .success(let response) = result, response.status.code < 400 { return nil }
            if let deadline, .now + pause >= deadline { return nil }
            return pause
        }
        var leastPause = Duration.zero
        switch result {
        case .success(let response):
            guard configuration.retriedStatuses.contains(response.status.code) else { return nil }
            if let seconds = response.headers[Header.retryAfter].flatMap(Int64.init), seconds >= 0 {
                leastPause = .seconds(seconds)
            }
        case .failure(let error):
            guard error.isWorthRetrying, error.neverArrived || configuration.retriesLostAnswers else { return nil }
        }
        let half = configuration.backoff * (1 << (attempt - 1)) / 2
        let pause = max(leastPause, half + half * (Double(randomUInt64() >> 11) * 0x1p-53))
        if let deadline, .now + pause >= deadline { return nil }
        // A pause longer than the timeout of an attempt is not worth waiting for.
        return pause <= configuration.timeout ? pause : nil
    }
}
