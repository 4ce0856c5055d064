/// Sees, and may change, what an ``UpstreamClient`` does. Called on the caller's task.
public protocol UpstreamInterceptor: Sendable {
    /// How the calls of this request behave instead of as configured; `nil` for as configured.
    func policy(forCallsTo upstream: String) -> UpstreamPolicy?
    /// Hears that a call has failed and is sent again under a policy of this interceptor.
    func willRetry(callTo upstream: String)
    /// Changes an attempt that is about to be sent, after trace context and request id were added.
    func willSend(_ request: inout HTTPClient.Request, to upstream: String)
}

/// How often a call is sent.
public struct UpstreamPolicy: Sendable, Equatable {
    /// How often it is tried in all, whatever failed; `nil` for as configured.
    public var attempts: Int?
    /// The pause before another attempt; `nil` for as configured.
    public var pause: Duration?
    /// How often each attempt is sent at the same time; the first answer that comes counts. At least 1.
    public var copies: Int

    /// Creates a policy.
    public init(attempts: Int? = nil, pause: Duration? = nil, copies: Int = 1) {
        self.attempts = attempts
        self.pause = pause
        self.copies = copies
    }
}
