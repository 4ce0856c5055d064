/// What happens to a log record once it is written (OpenTelemetry Logs SDK, "LogRecordProcessor").
public protocol LogRecordProcessor: Sendable {
    /// Takes a record. Called on the thread that logged: must be quick and must not block.
    func onEmit(_ record: LogRecordData)
    /// Delivers everything taken so far; returns when that is done or given up.
    func forceFlush() async
    /// Flushes, then refuses further records. Calls after the first do nothing.
    func shutdown() async
}
