import Encoding
import Logging

/// What a batch processor has lost since the last report. The exporter reports what the backend refused.
struct BatchLosses: Sendable {
    /// Dropped because the queue was full.
    var queueFull = 0
    /// Given up because the export timed out.
    var exportTimeout = 0
    /// Still queued when the shutdown ran out of time.
    var shutdownTimeout = 0

    /// Logs one line per kind of loss, whatever the amount; nothing if there was none.
    func log(to logger: Logger, signal: String, _ configuration: BatchProcessorConfiguration) {
        func log(_ message: String, _ dropped: Int, _ limit: String? = nil, _ value: Int64 = 0) {
            guard dropped > 0 else { return }
            var fields: Logger.Metadata = ["signal": .string(signal), "dropped": .integer(Int64(dropped))]
            if let limit { fields[limit] = .integer(value) }
            logger.warning(message, metadata: fields)
        }
        log(
            "Telemetry was dropped because the queue was full", queueFull, "queue_size",
            Int64(configuration.maximumQueueSize))
        log(
            "Telemetry was given up because its export took too long", exportTimeout, "timeout_ms",
            configuration.exportTimeout.wholeMilliseconds)
        log("Telemetry was given up because there was no time left to export it", shutdownTimeout)
    }
}
