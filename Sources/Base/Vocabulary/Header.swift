/// The names of header fields that the services exchange, in lower case.
package enum Header {
    package static let requestID = "x-request-id"
    package static let traceID = "x-trace-id"
    package static let traceResponse = "traceresponse"
    package static let traceParent = "traceparent"
    /// How long the caller still waits, in milliseconds: a duration, so that clocks need not agree.
    package static let requestTimeout = "x-request-timeout-ms"
    package static let idempotencyKey = "idempotency-key"
    package static let retryAfter = "retry-after"
    /// Fault rules for this request alone, separated by `;`, where a service takes them from requests.
    package static let fault = "x-tailspan-fault"
    /// Whose lines and spans are sent or asked for: Loki and Tempo call it X-Scope-OrgID.
    package static let tenant = "x-scope-orgid"
}
