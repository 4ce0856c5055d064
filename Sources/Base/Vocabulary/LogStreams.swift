/// The log streams, as LogQL selectors.
@usableFromInline package enum LogStreams {
    /// The value of the label `service_namespace` for this environment's services.
    @inlinable package static var namespace: String { "tailspan" }

    /// The lines of this environment's services.
    package static let ours = #"{\#(LokiShape.serviceNamespace)="\#(namespace)"}"#

    /// All lines from any source: Loki gives every stream a `service_name`. Used to search for a trace or a named
    /// service, which need not be ours.
    package static let all = #"{\#(LokiShape.serviceName)=~".+"}"#

    /// The lines that carry a trace id in their structured metadata.
    package static func lines(ofTrace id: String) -> String { all + #" | \#(LogField.traceID)="\#(id)""# }

    /// The lines that carry a request id in their structured metadata.
    package static func lines(ofRequest id: String) -> String { all + #" | \#(LogField.requestID)="\#(id)""# }
}
