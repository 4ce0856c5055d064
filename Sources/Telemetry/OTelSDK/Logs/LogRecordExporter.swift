/// Sends log records to a backend (OpenTelemetry Logs SDK, "LogRecordExporter").
///
/// A processor never calls ``export(_:)`` again before the previous call has returned.
public protocol LogRecordExporter: Sendable {
    /// Sends a batch. Never throws: the result gives the outcome. Returns soon after its task is cancelled.
    func export(_ batch: [LogRecordData]) async -> ExportResult
    /// Counts and logs a batch of `count` whose export was ``ExportResult/retryable(reason:after:)`` and will not be
    /// retried.
    func giveUp(_ count: Int, reason: String)
    /// Releases the exporter's resources. Called once, after the last export.
    func shutdown() async
}

extension LogRecordExporter {
    /// Does nothing, for exporters that keep no count.
    public func giveUp(_ count: Int, reason: String) {}
}
