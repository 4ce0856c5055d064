import OTel
import Tracing

/// Keeps back the spans of requests whose spans are lost, or not sampled; all others go on to the next processor. Spans
/// are ended, and counted as started, as ever: only nothing sends them.
///
/// While no fault is set, a span costs one relaxed load.
package struct SpanFaults: SpanProcessor {
    private let next: any SpanProcessor
    private let service: ServiceWideFaults
    private let activity: FaultActivity

    package init(next: any SpanProcessor, service: ServiceWideFaults) {
        self.next = next
        self.service = service
        activity = service.injector.activity
    }

    package func onEnd(_ span: SpanData) {
        if activity.isActive { service.refresh() }
        // Also once the rules are gone: a request that was hit stays hit.
        guard activity.losesSpans, Self.isLost(span) else { return next.onEnd(span) }
    }

    /// A request's own span ends when its answer has been sent, outside its task: that is what the mark is for. A span
    /// that its request started before it was known what it is hit by does not exist.
    private static func isLost(_ span: SpanData) -> Bool {
        if span.attributes[RequestFaults.lostSpanMark] != nil { return true }
        guard let faults = ServiceContext.current?.faults, faults.request.traceID == span.context.traceID else {
            return false
        }
        return faults.losesSpans
    }

    package func forceFlush() async { await next.forceFlush() }
    package func shutdown() async { await next.shutdown() }
}
