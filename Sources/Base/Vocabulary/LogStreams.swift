/// Which streams of log lines there are, as LogQL selectors.
package enum LogStreams {
    /// The value of the label `service_namespace` of the environment's own services.
    package static let namespace = "tailspan"

    /// The lines of the environment's services.
    package static let ours = #"{service_namespace="\#(namespace)"}"#

    /// All lines, whoever wrote them: Loki gives every stream a `service_name`. What belongs to a trace, or comes from a
    /// service that was named, is looked for here: it need not come from us.
    package static let all = #"{service_name=~".+"}"#

    /// The lines that carry a trace id, by structured metadata.
    package static func lines(ofTrace id: String) -> String { all + #" | trace_id="\#(id)""# }
}
