/// Gives every span to several processors, in order.
public struct MultiSpanProcessor: SpanProcessor {
    private let processors: [any SpanProcessor]

    /// Creates a processor over others; none is fine, then spans go nowhere.
    public init(_ processors: [any SpanProcessor]) { self.processors = processors }

    /// Passes the span to each.
    public func onEnd(_ span: SpanData) {
        for processor in processors { processor.onEnd(span) }
    }

    /// Flushes all at once, so that a slow one does not use up the time of the others.
    public func forceFlush() async {
        await withTaskGroup { group in
            for processor in processors { group.addTask { await processor.forceFlush() } }
        }
    }

    /// Shuts all down at once.
    public func shutdown() async {
        await withTaskGroup { group in
            for processor in processors { group.addTask { await processor.shutdown() } }
        }
    }
}
