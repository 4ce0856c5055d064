import OTelSDK
import TraceContext
import Tracing

/// Keeps back the spans of requests whose spans are lost, or not sampled; all others go on to the next processor. Spans
/// are ended, and counted as started, as ever: only nothing sends them.
///
/// While no fault is set, a span costs one relaxed load.
package struct SpanFaults: SpanProcessor {
    private let next: any SpanProcessor
    private let faults: CorrelationFaults

    package init(next: any SpanProcessor, faults: CorrelationFaults) {
        self.next = next
        self.faults = faults
    }

    /// On a span that is not to be sent. Never seen by anybody else.
    private static let mark = "tailspan.span.lost"

    /// Applies what concerns all spans of a request. Its own span has been started already; those below it come.
    static func begin(_ faults: RequestFaults, in context: inout ServiceContext) {
        for hit in faults.hits {
            switch hit.kind {
            case .lostSpans:
                faults.inject(hit)
                lose(faults)
            case .unsampledButLogged:
                faults.inject(hit)
                lose(faults)
                // Children and upstreams follow the flag, and lines tell it.
                context.spanContext?.traceFlags.remove(.sampled)
            default: continue
            }
        }
    }

    private static func lose(_ faults: RequestFaults) {
        faults.injector.activity.loseSpans()
        faults.span.attributes[mark] = true
    }

    package func onEnd(_ span: SpanData) {
        if faults.activity.isActive { faults.refresh() }
        // Also once the rules are gone: a request that was hit stays hit.
        guard faults.activity.losesSpans, Self.isLost(span) else { return next.onEnd(span) }
    }

    /// A request's own span ends when its answer has been sent, outside its task: that is what the mark is for. A span
    /// that its request started before it was known what it is hit by does not exist.
    private static func isLost(_ span: SpanData) -> Bool {
        if span.attributes[mark] != nil { return true }
        guard let faults = ServiceContext.current?.faults, faults.request.traceID == span.context.traceID else {
            return false
        }
        return faults.hits.contains { $0.kind == .lostSpans || $0.kind == .unsampledButLogged }
    }

    package func forceFlush() async { await next.forceFlush() }
    package func shutdown() async { await next.shutdown() }
}
