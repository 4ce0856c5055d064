/// The names of header fields that two places agree on, in lower case.
///
/// All names of the vocabulary are inlinable getters: other modules get the literal itself, without the call that reading
/// a stored constant of another module costs. `@usableFromInline` is part of it: members of a type that is merely
/// `package` are called all the same.
@usableFromInline package enum Header {
    @inlinable package static var requestID: String { "x-request-id" }
    @inlinable package static var traceID: String { "x-trace-id" }
    @inlinable package static var traceParent: String { "traceparent" }
    @inlinable package static var traceState: String { "tracestate" }
    @inlinable package static var traceResponse: String { "traceresponse" }
    @inlinable package static var baggage: String { "baggage" }
    /// How long the caller still waits, in milliseconds: a duration, so that clocks need not agree.
    @inlinable package static var requestTimeout: String { "x-request-timeout-ms" }
    @inlinable package static var idempotencyKey: String { "idempotency-key" }
    /// Fault rules for this request alone, separated by `;`, where a service takes them from requests.
    @inlinable package static var fault: String { "x-tailspan-fault" }
    /// Whose lines and spans are sent or asked for: Loki and Tempo call it X-Scope-OrgID.
    @inlinable package static var tenant: String { "x-scope-orgid" }

    // MARK: HTTP

    @inlinable package static var accept: String { "accept" }
    @inlinable package static var acceptEncoding: String { "accept-encoding" }
    @inlinable package static var authorization: String { "authorization" }
    @inlinable package static var cacheControl: String { "cache-control" }
    @inlinable package static var connection: String { "connection" }
    @inlinable package static var contentEncoding: String { "content-encoding" }
    @inlinable package static var contentLength: String { "content-length" }
    @inlinable package static var contentType: String { "content-type" }
    @inlinable package static var contentTypeOptions: String { "x-content-type-options" }
    @inlinable package static var date: String { "date" }
    @inlinable package static var expect: String { "expect" }
    @inlinable package static var host: String { "host" }
    @inlinable package static var location: String { "location" }
    @inlinable package static var retryAfter: String { "retry-after" }
    @inlinable package static var transferEncoding: String { "transfer-encoding" }
    @inlinable package static var userAgent: String { "user-agent" }
}
