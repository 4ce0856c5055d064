import Synchronization
import TraceContext

/// Exports each sampled span individually as soon as it has ended, one after another (OpenTelemetry Trace SDK, "Simple
/// processor"). For tests and demonstrations: it has no timeout, and every span costs an export.
///
/// An exporter that does not suspend has received the span when ``onEnd(_:)`` returns. While an export is in progress,
/// up to 2,048 spans wait; further ones are dropped. Safe to use from any thread.
public final class SimpleSpanProcessor: SpanProcessor {
    private static let maximumQueueSize = 2048

    private struct State: Sendable {
        var waiting: [SpanData] = []
        var isExporting = false
        var isShutDown = false
        var flushes: [CheckedContinuation<Void, Never>] = []
        var dropped = 0
    }
    private let exporter: any SpanExporter
    private let state = Mutex(State())

    /// Creates a processor.
    public init(exporter: any SpanExporter) { self.exporter = exporter }

    /// The number of spans dropped because too many were waiting.
    public var droppedCount: Int { state.withLock { $0.dropped } }

    /// Exports a sampled span.
    public func onEnd(_ span: SpanData) {
        guard span.context.isSampled else { return }
        let isFirst = state.withLock { state in
            guard !state.isShutDown else { return false }
            guard state.waiting.count < Self.maximumQueueSize else {
                state.dropped += 1
                return false
            }
            state.waiting.append(span)
            defer { state.isExporting = true }
            return !state.isExporting
        }
        if isFirst { Task.immediateDetached { await self.exportWaiting() } }
    }

    /// Waits until no span is waiting or being exported.
    public func forceFlush() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isExporting { state.flushes.append(continuation) }
                return !state.isExporting
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Refuses further spans, waits for the rest, and shuts the exporter down.
    public func shutdown() async {
        let isFirst = state.withLock { state in
            defer { state.isShutDown = true }
            return !state.isShutDown
        }
        await forceFlush()
        if isFirst { await exporter.shutdown() }
    }

    private func exportWaiting() async {
        while let span = next() {
            // There is no queue in which a span could wait for the backend.
            if case .retryable(let reason, _) = await exporter.export([span]) { exporter.giveUp(1, reason: reason) }
        }
    }

    /// Returns the next span; if there is none, completes the flushes.
    private func next() -> SpanData? {
        let (span, flushes) = state.withLock { state -> (SpanData?, [CheckedContinuation<Void, Never>]) in
            if !state.waiting.isEmpty { return (state.waiting.removeFirst(), []) }
            state.isExporting = false
            defer { state.flushes = [] }
            return (nil, state.flushes)
        }
        flushes.forEach { $0.resume() }
        return span
    }
}
