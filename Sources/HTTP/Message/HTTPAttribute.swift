/// Names of attributes that HTTP telemetry sets beside those of the HTTP conventions.
package enum HTTPAttribute {
    /// The request's own id, as in `x-request-id`.
    package static let requestID = "tailspan.request.id"
    /// The `service.name` of the other side of a call, in spans and metrics (semantic conventions, "Service"; it was
    /// `peer.service` before).
    package static let peerName = "service.peer.name"
}
