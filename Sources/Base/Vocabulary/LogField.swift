/// The names of log fields. All code that reads or writes log lines uses them.
package enum LogField {
    package static let timestamp = "timestamp"
    package static let level = "level"
    package static let service = "service"
    package static let message = "message"
    package static let traceID = "trace_id"
    package static let spanID = "span_id"
    package static let traceSampled = "trace_sampled"
    package static let requestID = "request_id"
    package static let version = "version"
    package static let environment = "environment"
    package static let region = "region"

    package static let taskID = "task_id"
    package static let guildID = "guild_id"
    package static let channelID = "channel_id"
    package static let executorID = "executor_id"
    package static let component = "component"
    package static let amount = "amount"
    package static let durationMS = "duration_ms"
    package static let memoryBytes = "memory_bytes"
    package static let status = "status"
    /// An object with `type`, `message` and, if available, `stack`.
    package static let error = "error"
    /// `METHOD template` of the request or call.
    package static let operation = "operation"
    package static let workload = "workload"
    package static let size = "size"
    package static let state = "state"
    package static let reservationID = "reservation_id"
    /// The service that was called.
    package static let peer = "peer"
    /// The type and message of an error, on a line without an ``error`` field.
    package static let errorType = "error_type"
    package static let errorMessage = "error_message"
    /// The ids of the fault rules that hit the request, separated by commas.
    package static let faultID = Attribute.faultID
    package static let faultKind = Attribute.faultKind
}
