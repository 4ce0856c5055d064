/// Processes log records as they are written (OpenTelemetry Logs SDK, "LogRecordProcessor").
public protocol LogRecordProcessor: Sendable {
    /// Receives a record. Called on the thread that logged; must be fast and must not block.
    func onEmit(_ record: LogRecordData)
    /// Delivers everything accepted so far; returns when that is done or given up.
    func forceFlush() async
    /// Flushes, then refuses further records. Further calls do nothing.
    func shutdown() async
}
