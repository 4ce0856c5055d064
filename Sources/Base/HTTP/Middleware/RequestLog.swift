import Logging
import Vocabulary

/// The single log line of each request.
enum RequestLog {
    /// Whether the span of such a response is an error. The line's level follows it.
    static func isFailure(_ sent: ResponseCompletion.Outcome) -> Bool { sent.status.isServerError || !sent.written }

    static func write(
        _ operation: String, _ sent: ResponseCompletion.Outcome, _ error: (any Error)?, seconds: Double,
        to logger: Logger
    ) {
        let level: Logger.Level = isFailure(sent) ? .error : sent.status.isClientError ? .warning : .info
        logger.log(
            level: level, sent.written ? "request completed" : "request abandoned by the client", error: error,
            metadata: [
                LogField.component: .string(LogComponent.httpServer), LogField.operation: .string(operation),
                LogField.status: .integer(Int64(sent.status.code)),
                LogField.durationMS: .double((seconds * 1_000_000).rounded() / 1000),
            ])
    }
}
