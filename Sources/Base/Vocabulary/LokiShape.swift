/// The labels and metadata of a line in Loki, which are the same for every collector and format. Promtail's, Alloy's
/// and the Collector's configuration files, the pocket stack's tailer and the services' own OTLP export all set exactly
/// these.
@usableFromInline package enum LokiShape {
    /// The labels that identify a stream. Each has few values: four services, nine levels.
    package static let labels = [
        job, LogField.level, LogField.service, serviceName, serviceNamespace,
    ]

    /// The label whose value is the namespace, as Promtail calls what it reads.
    @inlinable package static var job: String { "job" }
    /// The label that Loki gives every stream, with the service's name.
    @inlinable package static var serviceName: String { "service_name" }
    /// The label whose value is the namespace, as OTLP's attribute is called in Loki.
    @inlinable package static var serviceNamespace: String { "service_namespace" }

    /// The fields that become structured metadata, so that queries can use them without parsing the line.
    ///
    /// `error_type` and `error_message` are the fields with these names, or otherwise the parts of the line's `error`.
    /// Over OTLP, the message is the line itself and not metadata.
    package static let fields = [
        LogField.traceID, LogField.spanID, LogField.traceSampled, LogField.requestID, LogField.message,
        LogField.component, LogField.operation, LogField.status, LogField.durationMS, LogField.errorType,
        LogField.errorMessage, LogField.guildID, LogField.channelID, LogField.taskID, LogField.reservationID,
        LogField.executorID, LogField.amount, LogField.workload, LogField.state, LogField.size, LogField.memoryBytes,
        LogField.peer, LogField.faultID, LogField.faultKind,
    ]

    /// The names of ``fields`` in Loki.
    package static let metadata = fields.map(name)

    /// Converts a field name: Loki's names have no dots.
    package static func name(of field: String) -> String {
        field.contains(".") ? String(field.map { $0 == "." ? "_" : $0 }) : field
    }

    /// The maximum length of message and error message in characters. Loki refuses a line with more than 64 KB of
    /// metadata.
    package static let maximumTextLength = 1000
    /// The fields that may reach that length.
    package static let longFields = [LogField.message, LogField.errorMessage]

    /// Truncates a message to the maximum length.
    package static func cut(_ text: String) -> String { String(text.unicodeScalars.prefix(maximumTextLength)) }
}
