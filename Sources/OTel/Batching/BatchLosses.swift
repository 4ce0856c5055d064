import Logging

/// What a batch processor lost since it was last logged.
struct BatchLosses: Sendable {
    /// Dropped because the queue was full.
    var queueFull = 0
    /// Refused by the backend.
    var rejected = 0
    private var undelivered = 0
    private var reason = ""

    /// Counts records that were given up; the last reason is the one that is logged.
    mutating func add(undelivered count: Int, reason: String) {
        undelivered += count
        self.reason = reason
    }

    /// Logs each kind of loss in one line, however much it was; nothing if there was none.
    func log(to logger: Logger, signal: String, queueSize: Int) {
        if queueFull > 0 {
            logger.warning(
                "telemetry was dropped because the queue was full",
                metadata: [
                    "signal": .string(signal), "dropped": .integer(Int64(queueFull)),
                    "queue_size": .integer(Int64(queueSize)),
                ])
        }
        if undelivered > 0 {
            logger.warning(
                "telemetry could not be delivered",
                metadata: [
                    "signal": .string(signal), "dropped": .integer(Int64(undelivered)), "reason": .string(reason),
                ])
        }
        if rejected > 0 {
            logger.warning(
                "telemetry was rejected by the backend",
                metadata: ["signal": .string(signal), "dropped": .integer(Int64(rejected))])
        }
    }
}
