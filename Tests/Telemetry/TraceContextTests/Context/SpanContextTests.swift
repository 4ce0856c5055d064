import Testing
import Tracing

@testable import TraceContext

@Suite("The span context")
struct SpanContextTests {
    @Test func aContextIsValidOnlyWithBothIDs() {
        let traceID = TraceID(high: 1, low: 2)
        #expect(SpanContext(traceID: traceID, spanID: SpanID(value: 3), traceFlags: []).isValid)
        #expect(!SpanContext(traceID: traceID, spanID: SpanID(value: 0), traceFlags: []).isValid)
        #expect(!SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(value: 3), traceFlags: []).isValid)
    }

    @Test(arguments: [(0x00, false), (0x01, true), (0x02, false), (0x03, true)])
    func theSampledFlagIsOneBit(_ flags: Int, _ isSampled: Bool) {
        let context = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: TraceFlags(rawValue: UInt8(flags)))
        #expect(context.isSampled == isSampled)
    }

    @Test func aSpanContextTravelsInTheServiceContext() {
        var context = ServiceContext.topLevel
        #expect(context.spanContext == nil)
        let span = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: .sampled)
        context.spanContext = span
        #expect(context.spanContext == span)
        ServiceContext.withValue(context) { #expect(ServiceContext.current?.spanContext == span) }
        context.spanContext = nil
        #expect(context.spanContext == nil)
    }
}
