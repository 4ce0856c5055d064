/// Sends finished spans to a backend (OpenTelemetry Trace SDK, "Span Exporter").
///
/// A processor never calls ``export(_:)`` again before the previous call has returned. An exporter counts and logs its
/// own failures; the processor only handles what never reached the exporter or timed out.
public protocol SpanExporter: Sendable {
    /// Sends a batch. Never throws: the result gives the outcome. Returns soon after its task is cancelled.
    func export(_ batch: [SpanData]) async -> ExportResult
    /// Counts and logs a batch of `count` whose export was ``ExportResult/retryable(reason:after:)`` and will not be
    /// retried.
    func giveUp(_ count: Int, reason: String)
    /// Releases the exporter's resources. Called once, after the last export.
    func shutdown() async
}

extension SpanExporter {
    /// Does nothing, for exporters that keep no count.
    public func giveUp(_ count: Int, reason: String) {}
}

/// An exporter that can send spans that are already encoded, which saves a copy of every span.
protocol EncodedSpanExporter: SpanExporter {
    /// Whether it can, in its configuration.
    var takesEncodedSpans: Bool { get }
    /// Sends a batch, like ``SpanExporter/export(_:)``. Does not keep it.
    func export(_ batch: EncodedSpans) async -> ExportResult
}
