import HTTP
import Testing
import Tracing

@testable import TraceContext

@Suite("The W3C trace context propagator")
struct TraceContextPropagatorTests {
    static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"
    let propagator = TraceContextPropagator()

    /// Reads header fields as a server does: names without regard to case, several of one name joined.
    private struct FieldsExtractor: Extractor {
        func extract(key: String, from carrier: HTTPFields) -> String? { carrier[key] }
    }

    private func extract(_ fields: HTTPFields) -> SpanContext? {
        var context = ServiceContext.topLevel
        propagator.extract(fields, into: &context, using: FieldsExtractor())
        return context.spanContext
    }

    private func inject(_ span: SpanContext?) -> [String: String] {
        var context = ServiceContext.topLevel
        context.spanContext = span
        var carrier: [String: String] = [:]
        propagator.inject(context, into: &carrier, using: DictionaryCarrier())
        return carrier
    }

    @Test func traceParentAndTraceStateMakeARoundTrip() throws {
        let span = try #require(extract(["traceparent": Self.parent, "tracestate": "rojo=1, congo=2"]))
        #expect(span.isRemote)
        #expect(span.isSampled)
        #expect(span.traceState == "rojo=1,congo=2")
        #expect(inject(span) == ["traceparent": Self.parent, "tracestate": "rojo=1,congo=2"])
    }

    @Test func fieldNamesAreCaseInsensitive() {
        #expect(extract(["TraceParent": Self.parent, "TRACESTATE": "a=1"])?.traceState == "a=1")
        #expect(extract(["trace-parent": Self.parent]) == nil)
        #expect(extract(["traceparent": Self.parent, "trace.state": "a=1"])?.traceState == "")
    }

    @Test func severalTraceParentsAreInvalid() {
        var fields: HTTPFields = ["traceparent": Self.parent]
        fields.append("traceparent", "00-12345678901234567890123456789012-1234567890123456-01")
        #expect(extract(fields) == nil)
    }

    @Test func severalTraceStatesAreCombinedInOrder() {
        var fields: HTTPFields = ["traceparent": Self.parent, "tracestate": "foo=1,bar=2"]
        fields.append("tracestate", "")
        fields.append("tracestate", "rojo=1,congo=2")
        fields.append("tracestate", "baz=3")
        #expect(extract(fields)?.traceState == "foo=1,bar=2,rojo=1,congo=2,baz=3")
    }

    @Test func traceStateWithoutAValidTraceParentIsIgnored() {
        #expect(extract(["tracestate": "a=1"]) == nil)
        #expect(extract(["traceparent": "00-bad", "tracestate": "a=1"]) == nil)
    }

    @Test func anInvalidTraceStateDoesNotSpoilTheTraceParent() {
        let span = extract(["traceparent": Self.parent, "tracestate": "a=1,BAD=2"])
        #expect(span?.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(span?.traceState == "")
    }

    @Test func anInvalidTraceParentLeavesTheContextUnchanged() {
        let before = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: .sampled)
        var context = ServiceContext.topLevel
        context.spanContext = before
        propagator.extract(["traceparent": "garbage"], into: &context, using: DictionaryCarrier())
        #expect(context.spanContext == before)
    }

    @Test func nothingIsWrittenWithoutAValidSpan() {
        #expect(inject(nil).isEmpty)
        let invalid = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(value: 3), traceFlags: .sampled)
        #expect(inject(invalid).isEmpty)
    }

    @Test func anEmptyTraceStateIsNotSent() {
        let span = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: [])
        #expect(inject(span) == ["traceparent": "00-00000000000000010000000000000002-0000000000000003-00"])
    }
}
