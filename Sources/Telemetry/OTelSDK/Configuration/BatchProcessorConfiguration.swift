/// The settings of a batch processor, for spans (`OTEL_BSP_*`) and log records (`OTEL_BLRP_*`).
public struct BatchProcessorConfiguration: Sendable, Equatable {
    /// The maximum time a record waits before it is exported with the others; at least 1 ms.
    public var scheduleDelay: Duration
    /// The maximum time of one export before it is cancelled and its batch given up.
    public var exportTimeout: Duration
    /// The maximum number of records held, including those being exported; further ones are dropped.
    public var maximumQueueSize: Int
    /// The maximum number of records in one export. A full batch is exported without further delay.
    public var maximumExportBatchSize: Int

    /// Creates a configuration. Sizes are raised to at least 1, the batch size is lowered to the queue size, and the
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
