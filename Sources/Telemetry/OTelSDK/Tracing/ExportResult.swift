/// The outcome of a batch that was passed to an exporter.
public enum ExportResult: Sendable, Equatable {
    /// Delivered; the backend refused `rejected` of the items (OTLP, "Partial Success").
    case success(rejected: Int)
    /// Not delivered and given up. `reason` is the value of the `error.type` attribute, such as `timeout`,
    /// `connect_failed` or `503`.
    case failure(reason: String)
    /// Not delivered yet: the backend is unavailable or asks for a pause (`after`, if it says how long). Neither
    /// counted nor given up: the owner of the batch exports it again or makes the exporter give it up.
    case retryable(reason: String, after: Duration?)
}
