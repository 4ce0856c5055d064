/// What became of a batch that was given to an exporter.
public enum ExportResult: Sendable, Equatable {
    /// Delivered; `rejected` of them were refused by the backend (OTLP, "Partial Success").
    case success(rejected: Int)
    /// Not delivered, given up. `reason` is the value of the `error.type` attribute, such as `timeout`,
    /// `connect_failed` or `503`.
    case failure(reason: String)
    /// Not delivered now, but may be later: the backend is away, or asks for a pause (`after`, if it says how long).
    /// Neither counted nor given up: whoever has the batch exports it again, or has the exporter give it up.
    case retryable(reason: String, after: Duration?)
}
