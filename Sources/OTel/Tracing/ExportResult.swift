/// What became of a batch that was given to an exporter.
public enum ExportResult: Sendable, Equatable {
    /// Delivered; `rejected` of them were refused by the backend (OTLP, "Partial Success").
    case success(rejected: Int)
    /// Not delivered, given up. `reason` is the value of the `error.type` attribute, such as `timeout`,
    /// `connect_failed` or `503`.
    case failure(reason: String)
}
