import Synchronization
import TraceContext

/// Keeps spans in memory, for tests and for showing traces within the process.
///
/// It is both an exporter and a processor. Used directly by a tracer, it has every span as soon as it ends. The oldest
/// spans are dropped when there are too many. Safe to use from any thread.
public final class InMemorySpanExporter: SpanExporter, SpanProcessor {
    private struct State: Sendable {
        var spans: [SpanData] = []
        var isShutDown = false
    }
    private let state = Mutex(State())
    private let capacity: Int

    /// Creates an exporter that keeps the newest `capacity` spans, temporarily up to a quarter more.
    public init(capacity: Int = 100_000) { self.capacity = max(capacity, 1) }

    /// The spans kept, in the order they ended.
    public var spans: [SpanData] { state.withLock { $0.spans } }

    /// Removes all spans.
    public func reset() { state.withLock { $0.spans = [] } }

    /// Keeps a batch. Fails after ``shutdown()``.
    public func export(_ batch: [SpanData]) async -> ExportResult {
        keep(batch) ? .success(rejected: 0) : .failure(reason: "already_shutdown")
    }

    /// Keeps a sampled span.
    public func onEnd(_ span: SpanData) {
        if span.context.isSampled { _ = keep(CollectionOfOne(span)) }
    }

    /// Does nothing, because every span is kept immediately.
    public func forceFlush() async {}

    /// Refuses further spans. Existing spans are kept.
    public func shutdown() async { state.withLock { $0.isShutDown = true } }

    private func keep(_ batch: some Collection<SpanData>) -> Bool {
        state.withLock { state in
            guard !state.isShutDown else { return false }
            state.spans.append(contentsOf: batch)
            // Dropping a quarter at a time keeps the cost per span constant.
            if state.spans.count > capacity + capacity / 4 {
                state.spans.removeFirst(state.spans.count - capacity)
            }
            return true
        }
    }
}
