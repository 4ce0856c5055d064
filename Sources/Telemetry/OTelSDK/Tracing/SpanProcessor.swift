/// What happens to a span once it has ended (OpenTelemetry Trace SDK, "Span Processor").
public protocol SpanProcessor: Sendable {
    /// Takes a finished span that recorded. Called on the thread that ended it: must be quick and must not block.
    /// A processor that exports passes over spans whose context is not sampled.
    func onEnd(_ span: SpanData)
    /// Delivers everything taken so far; returns when that is done or given up.
    func forceFlush() async
    /// Flushes, then refuses further spans. Calls after the first do nothing.
    func shutdown() async
}
