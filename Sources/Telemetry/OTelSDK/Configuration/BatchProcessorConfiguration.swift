/// How a batch processor collects and hands on, for spans (`OTEL_BSP_*`) and for log records (`OTEL_BLRP_*`).
public struct BatchProcessorConfiguration: Sendable, Equatable {
    /// How long a record waits at most before it is exported with whatever else has come; at least 1 ms.
    public var scheduleDelay: Duration
    /// How long one export may take before it is cancelled and its batch given up.
    public var exportTimeout: Duration
    /// How many records are held at most, those being exported included; further ones are dropped.
    public var maximumQueueSize: Int
    /// How many records one export carries at most. That many waiting records are exported without further delay.
    public var maximumExportBatchSize: Int

    /// Creates a configuration. Sizes are raised to at least 1, the batch size is lowered to at most the queue's, the
    /// delay is raised to at least 1 ms.
    public init(
        scheduleDelay: Duration = .seconds(5), exportTimeout: Duration = .seconds(30), maximumQueueSize: Int = 2048,
        maximumExportBatchSize: Int = 512
    ) {
        self.scheduleDelay = max(scheduleDelay, .milliseconds(1))
        self.exportTimeout = exportTimeout
        self.maximumQueueSize = max(maximumQueueSize, 1)
        self.maximumExportBatchSize = min(max(maximumExportBatchSize, 1), self.maximumQueueSize)
    }

    /// Reads the variables that begin with `prefix`, such as `OTEL_BSP_`.
    init(reading reader: inout EnvironmentReader, prefix: String, defaultScheduleDelay: Duration) {
        let queueSize = reader.integer(prefix + "MAX_QUEUE_SIZE", atLeast: 1)
        let batchSize = reader.integer(prefix + "MAX_EXPORT_BATCH_SIZE", atLeast: 1)
        self.init(
            scheduleDelay: reader.duration(prefix + "SCHEDULE_DELAY") ?? defaultScheduleDelay,
            exportTimeout: reader.timeout(prefix + "EXPORT_TIMEOUT") ?? .seconds(30),
            maximumQueueSize: queueSize ?? 2048, maximumExportBatchSize: batchSize ?? 512)
        if let batchSize, batchSize > maximumQueueSize {
            reader.warn(
                "\(prefix)MAX_EXPORT_BATCH_SIZE=\(batchSize): expected at most the queue size, \(maximumQueueSize); "
                    + "using that")
        }
    }
}
