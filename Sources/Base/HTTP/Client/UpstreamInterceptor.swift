/// Observes, and may change, the calls of an ``UpstreamClient``. Called on the caller's task.
public protocol UpstreamInterceptor: Sendable {
    /// The policy for this request's calls; `nil` for the configured behaviour.
    func policy(forCallsTo upstream: String) -> UpstreamPolicy?
    /// Called when a failed call is about to be retried under a policy of this interceptor.
    func willRetry(callTo upstream: String)
    /// Changes an attempt before it is sent, after the trace context and request id have been added.
    func willSend(_ request: inout HTTPClient.Request, to upstream: String)
}

/// How often a call is sent.
public struct UpstreamPolicy: Sendable, Equatable {
    /// The total number of attempts, whatever the failure; `nil` for the configured number.
    public var attempts: Int?
    /// The pause before each further attempt; `nil` for the configured pause.
    public var pause: Duration?
    /// The number of copies of each attempt sent at the same time; the first response counts. At least 1.
    public var copies: Int

    /// Creates a policy.
    public init(attempts: Int? = nil, pause: Duration? = nil, copies: Int = 1) {
        self.attempts = attempts
        self.pause = pause
        self.copies = copies
    }
}
