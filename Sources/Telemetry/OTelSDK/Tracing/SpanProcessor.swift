/// Processes spans that have ended (OpenTelemetry Trace SDK, "Span Processor").
public protocol SpanProcessor: Sendable {
    /// Receives a finished, recording span. Called on the thread that ended it; must be fast and must not block. A
    /// processor that exports skips spans whose context is not sampled.
    func onEnd(_ span: SpanData)
    /// Receives a finished, recording span without copying it. A tracer calls this one. By default, it passes a copy to
    /// ``onEnd(_:)-(SpanData)``; a processor that only reads the span, or encodes it at once, saves the copy.
    func onEnd(_ span: borrowing EndedSpan)
    /// Delivers everything accepted so far; returns when that is done or given up.
    func forceFlush() async
    /// Flushes, then refuses further spans. Further calls do nothing.
    func shutdown() async
}
