/// Processes spans that have ended (OpenTelemetry Trace SDK, "Span Processor").
public protocol SpanProcessor: Sendable {
    /// Receives a finished, recording span. Called on the thread that ended it; must be fast and must not block. A
    /// processor that exports skips spans whose context is not sampled.
    func onEnd(_ span: SpanData)
    /// Delivers everything accepted so far; returns when that is done or given up.
    func forceFlush() async
    /// Flushes, then refuses further spans. Further calls do nothing.
    func shutdown() async
}
