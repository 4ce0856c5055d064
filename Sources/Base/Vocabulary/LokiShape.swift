/// What a line looks like in Loki, whoever brings it there, and however it is written: the files of Promtail, Alloy and
/// the Collector, the pocket stack's tailer and the services' own OTLP export set exactly these.
@usableFromInline package enum LokiShape {
    /// The labels that make a stream. All have few values: four services, nine levels.
    package static let labels = [
        job, LogField.level, LogField.service, serviceName, serviceNamespace,
    ]

    /// The label whose value is the namespace, as Promtail calls what it reads.
    @inlinable package static var job: String { "job" }
    /// The label that Loki gives every stream, with the service's name.
    @inlinable package static var serviceName: String { "service_name" }
    /// The label whose value is the namespace, as OTLP's attribute is called in Loki.
    @inlinable package static var serviceNamespace: String { "service_namespace" }

    /// The fields that become structured metadata: found and computed with without reading the line.
    ///
    /// `error_type` and `error_message` are the fields of these names, or else the parts of the line's `error`. Over OTLP
    /// the message is the line, and no metadata.
    package static let fields = [
        LogField.traceID, LogField.spanID, LogField.traceSampled, LogField.requestID, LogField.message,
        LogField.component, LogField.operation, LogField.status, LogField.durationMS, LogField.errorType,
        LogField.errorMessage, LogField.guildID, LogField.channelID, LogField.taskID, LogField.reservationID,
        LogField.executorID, LogField.amount, LogField.workload, LogField.state, LogField.size, LogField.memoryBytes,
        LogField.peer, LogField.faultID, LogField.faultKind,
    ]

    /// The names of ``fields`` in Loki.
    package static let metadata = fields.map(name)

    /// Loki's names have no dots.
    package static func name(of field: String) -> String {
        field.contains(".") ? String(field.map { $0 == "." ? "_" : $0 }) : field
    }

    /// Message and error message are cut here, in characters: a line whose metadata take more than 64 KB is refused.
    package static let maximumTextLength = 1000
    /// The fields that may be that long.
    package static let longFields = [LogField.message, LogField.errorMessage]

    /// A message as it is kept.
    package static func cut(_ text: String) -> String { String(text.unicodeScalars.prefix(maximumTextLength)) }
}
