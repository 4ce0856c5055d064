/// Passes every span to several processors, in order.
public struct MultiSpanProcessor: SpanProcessor {
    private let processors: [any SpanProcessor]

    /// Creates a processor over others. The list may be empty; spans are then discarded.
    public init(_ processors: [any SpanProcessor]) { self.processors = processors }

    /// Passes the span to each.
    public func onEnd(_ span: SpanData) {
        for processor in processors { processor.onEnd(span) }
    }

    /// Passes the span to each.
    public func onEnd(_ span: borrowing EndedSpan) {
        for processor in processors { processor.onEnd(span) }
    }

    /// Flushes all processors concurrently, so that a slow one does not use up the others' time.
    public func forceFlush() async {
        await withTaskGroup { group in
            for processor in processors { group.addTask { await processor.forceFlush() } }
        }
    }

    /// Shuts all processors down concurrently.
    public func shutdown() async {
        await withTaskGroup { group in
            for processor in processors { group.addTask { await processor.shutdown() } }
        }
    }
}
