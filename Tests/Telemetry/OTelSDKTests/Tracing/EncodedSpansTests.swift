import HTTP
import Synchronization
import Testing
import Tracing

@testable import OTLP
@testable import OTelSDK
@testable import TraceContext

@Suite("Spans that are encoded when they end")
struct EncodedSpansTests {
    private let backend = FakeBackend(.answer(200))

    private func processor(
        batch: Int = 512, _ configure: (inout OTLPExporterConfiguration.Signal) -> Void = { _ in }
    ) throws -> BatchSpanProcessor {
        BatchSpanProcessor(
            exporter: try OTLPHTTPExporterTests.exporter(backend, configure),
            configuration: BatchProcessorConfiguration(maximumExportBatchSize: batch),
            sleep: { try await Task.sleep(for: $0) })
    }

    private func sent() throws -> [String] {
        try backend.attempts.map { String(reflecting: try OTLPDecoder.traces(protobuf: $0.request.body)) }
    }

    /// Batches around the sizes at which a length takes another byte.
    @Test(arguments: [1, 2, 30, 60, 300]) func theyAreSentLikeValues(count: Int) throws {
        let spans = OTLPHTTPExporterTests.spans(count)
        var writer = OTLPRequestWriter(
            resource: OTLPEncodingTests.resource, scope: OTLPScope(name: "a", version: "1"))
        let encoded = EncodedSpans(capacity: 4)
        for span in spans { span.lend { encoded.append($0.pointer) } }
        #expect(encoded.count == count)
        let request = encoded.withUnsafeBytes { writer.request(ofItems: $0) }
        #expect(request == writer.request(spans))
    }

    @Test func aBatchIsSentOnceAndItsMemoryUsedAgain() async throws {
        let processor = try processor()
        for seed in 0..<3 {
            let spans = Array(OTLPHTTPExporterTests.spans(9).dropFirst(seed)).map(sampled)
            for span in spans { processor.onEnd(span) }
            await processor.forceFlush()
            #expect(try sent().last == String(reflecting: OTLPEncodingTests.traces(spans)))
        }
        #expect(backend.attempts.count == 3)
        await processor.shutdown()
    }

    @Test func aSpanOfTheTracerIsSentWithEverythingItHolds() async throws {
        let processor = try processor()
        let values = InMemorySpanExporter()
        let tracer = OTelTracer(processor: MultiSpanProcessor([values, processor]), ids: .seeded(3))
        let prepared = PreparedAttributes(["http.route": "/v1/tasks", "url.scheme": "http"])
        for status in [201, 503] as [Int64] {
            let span = tracer.startSpan(
                "POST /v1/tasks", context: .topLevel, ofKind: .server, attributes: SpanAttributes(prepared))
            span.attributes["http.response.status_code"] = .int64(status)
            if status > 500 {
                span.attributes["http.route"] = "/changed"
                span.fail(CancellationError())
            }
            span.addLink(span)
            span.end()
        }
        await processor.forceFlush()
        #expect(values.spans.count == 2)
        #expect(
            values.spans[0].attributes == [
                "http.route": "/v1/tasks", "url.scheme": "http", "http.response.status_code": 201,
            ])
        #expect(values.spans[1].attributes["http.route"] == "/changed")
        #expect(try sent() == [String(reflecting: OTLPEncodingTests.traces(values.spans))])
        await processor.shutdown()
    }

    @Test func jsonIsMadeOfValues() async throws {
        let processor = try processor { $0.wireProtocol = .httpJSON }
        let spans = OTLPHTTPExporterTests.spans(5).map(sampled)
        for span in spans { processor.onEnd(span) }
        await processor.forceFlush()
        let attempt = try #require(backend.attempts.first)
        #expect(attempt.request.headers["content-type"] == "application/json")
        let traces = try OTLPDecoder.traces(json: attempt.request.body)
        #expect(traces.resourceSpans.first?.spans.map(\.name) == spans.map(\.name))
        await processor.shutdown()
    }

    /// A processor that holds on to nothing may still use the span it came from.
    private final class Curious: SpanProcessor {
        let span = Mutex<(any Span)?>(nil)
        let seen = Mutex<[SpanAttributes]>([])

        func onEnd(_ span: SpanData) { Issue.record("the tracer passes no copy") }
        func onEnd(_ ended: borrowing EndedSpan) {
            let span = span.withLock { $0 }
            // Too late to change anything.
            span?.attributes["late"] = 1
            let attributes = [span?.attributes ?? [:], ended.attributes]
            seen.withLock { $0 += attributes }
        }
        func forceFlush() async {}
        func shutdown() async {}
    }

    @Test func aProcessorMayLookAtTheSpanItself() {
        let curious = Curious()
        let span = OTelTracer(processor: curious).startSpan("span", context: .topLevel, attributes: ["a": 1])
        curious.span.withLock { $0 = span }
        span.end()
        #expect(curious.seen.withLock { $0 } == [["a": 1], ["a": 1]])
        curious.span.withLock { $0 = nil }
    }

    private func sampled(_ span: SpanData) -> SpanData {
        var span = span
        span.context.traceFlags.insert(.sampled)
        return span
    }
}
