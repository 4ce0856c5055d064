/// The names of log fields. All code that reads or writes log lines uses them.
@usableFromInline package enum LogField {
    @inlinable package static var timestamp: String { "timestamp" }
    @inlinable package static var level: String { "level" }
    @inlinable package static var service: String { "service" }
    @inlinable package static var message: String { "message" }
    @inlinable package static var traceID: String { "trace_id" }
    @inlinable package static var spanID: String { "span_id" }
    @inlinable package static var traceSampled: String { "trace_sampled" }
    @inlinable package static var requestID: String { "request_id" }
    @inlinable package static var version: String { "version" }
    @inlinable package static var environment: String { "environment" }
    @inlinable package static var region: String { "region" }

    @inlinable package static var taskID: String { "task_id" }
    @inlinable package static var guildID: String { "guild_id" }
    @inlinable package static var channelID: String { "channel_id" }
    @inlinable package static var executorID: String { "executor_id" }
    @inlinable package static var component: String { "component" }
    @inlinable package static var amount: String { "amount" }
    @inlinable package static var durationMS: String { "duration_ms" }
    @inlinable package static var memoryBytes: String { "memory_bytes" }
    @inlinable package static var status: String { "status" }
    /// An object with the members ``ErrorPart``.
    @inlinable package static var error: String { "error" }
    /// `METHOD template` of the request or call.
    @inlinable package static var operation: String { "operation" }
    @inlinable package static var workload: String { "workload" }
    @inlinable package static var size: String { "size" }
    @inlinable package static var state: String { "state" }
    @inlinable package static var reservationID: String { "reservation_id" }
    /// The service that a call went to.
    @inlinable package static var peer: String { "peer" }
    /// What kind of error it was, and its message, where a line says so without an ``error``.
    @inlinable package static var errorType: String { "error_type" }
    @inlinable package static var errorMessage: String { "error_message" }
    /// The ids of the fault rules that a request was hit by, separated by commas.
    @inlinable package static var faultID: String { Attribute.faultID }
    @inlinable package static var faultKind: String { Attribute.faultKind }
}

/// The members of ``LogField/error``. Lines of text have them as fields of their own: `error.type` and so on.
@usableFromInline package enum ErrorPart {
    @inlinable package static var type: String { "type" }
    @inlinable package static var message: String { "message" }
    /// Where there is one.
    @inlinable package static var stack: String { "stack" }

    /// What the field of a line of text is called.
    package static func field(of part: String) -> String { LogField.error + "." + part }
}

/// Values of ``LogField/component`` that two places agree on.
@usableFromInline package enum LogComponent {
    @inlinable package static var httpServer: String { "http.server" }
    @inlinable package static var httpClient: String { "http.client" }
}
