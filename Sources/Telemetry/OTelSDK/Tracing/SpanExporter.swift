/// Sends finished spans to a backend (OpenTelemetry Trace SDK, "Span Exporter").
///
/// A processor never calls ``export(_:)`` again before the previous call has returned. An exporter counts and logs its
/// own failures; the processor does so only for what never reached it or took too long.
public protocol SpanExporter: Sendable {
    /// Sends a batch; never throws: the result says what became of it. Returns soon after its task is cancelled.
    func export(_ batch: [SpanData]) async -> ExportResult
    /// Counts and logs a batch of `count` whose export was ``ExportResult/retryable(reason:after:)`` and is not tried again.
    func giveUp(_ count: Int, reason: String)
    /// Releases what the exporter holds; called once, after the last export.
    func shutdown() async
}

extension SpanExporter {
    /// Does nothing: for exporters that keep no count.
    public func giveUp(_ count: Int, reason: String) {}
}
