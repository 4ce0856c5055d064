/// Which streams of log lines there are, as LogQL selectors.
@usableFromInline package enum LogStreams {
    /// The value of the label `service_namespace` of the environment's own services.
    @inlinable package static var namespace: String { "tailspan" }

    /// The lines of the environment's services.
    package static let ours = #"{\#(LokiShape.serviceNamespace)="\#(namespace)"}"#

    /// All lines, whoever wrote them: Loki gives every stream a `service_name`. What belongs to a trace, or comes from a
    /// service that was named, is looked for here: it need not come from us.
    package static let all = #"{\#(LokiShape.serviceName)=~".+"}"#

    /// The lines that carry a trace id, by structured metadata.
    package static func lines(ofTrace id: String) -> String { all + #" | \#(LogField.traceID)="\#(id)""# }
}
