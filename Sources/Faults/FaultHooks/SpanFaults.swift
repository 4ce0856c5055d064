import FaultRules
import OTelSDK
import TraceContext
import Tracing

/// Withholds the spans of requests whose spans are lost or not sampled, and passes all others to the next processor.
/// The withheld spans are ended and counted as started as usual; they are just not exported.
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
        guard activity.losesSpans, Self.isLost(span.context.traceID, span.attributes) else { return next.onEnd(span) }
    }

    package func onEnd(_ span: borrowing EndedSpan) {
        if activity.isActive { service.refresh() }
        // Checked even after the rules are gone: a request that was hit stays hit.
        guard activity.losesSpans, Self.isLost(span.context.traceID, span.attributes) else { return next.onEnd(span) }
    }

    /// A request's own span ends after the response has been sent, outside the request's task, so it is recognised by
    /// its mark. No child span starts before the faults of its request have been decided.
    private static func isLost(_ traceID: TraceID, _ attributes: SpanAttributes) -> Bool {
        if attributes[RequestFaults.lostSpanMark] != nil { return true }
        guard let faults = ServiceContext.current?.faults, faults.request.traceID == traceID else { return false }
        return faults.losesSpans
    }

    package func forceFlush() async { await next.forceFlush() }
    package func shutdown() async { await next.shutdown() }
}
