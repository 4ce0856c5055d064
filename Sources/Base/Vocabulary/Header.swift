/// The header names used between services, in lower case.
package enum Header {
    package static let requestID = "x-request-id"
    package static let traceID = "x-trace-id"
    package static let traceResponse = "traceresponse"
    package static let traceParent = "traceparent"
    /// How long the caller will still wait, in milliseconds. A duration, so that clocks need not agree.
    package static let requestTimeout = "x-request-timeout-ms"
    package static let idempotencyKey = "idempotency-key"
    package static let retryAfter = "retry-after"
    /// Fault rules for this request only, separated by `;`, where a service accepts them.
    package static let fault = "x-tailspan-fault"
    /// The tenant of lines and spans, when sending and querying. Loki and Tempo call it X-Scope-OrgID.
    package static let tenant = "x-scope-orgid"
}
