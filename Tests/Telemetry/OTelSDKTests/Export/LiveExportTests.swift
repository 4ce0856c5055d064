import Encoding
import EventLoop
import HTTP
import Logging
import Synchronization
import Testing

@testable import OTLP
@testable import OTelSDK
@testable import TraceContext

/// The whole path over a real socket: processor, exporter, client, server, decoder.
@Suite("Export over a socket")
struct LiveExportTests {
    /// What the receiver was sent.
    final class Received: Sendable {
        private let stored = Mutex<(traces: [OTLPTraces], logs: [OTLPLogs], requests: [Request])>(([], [], []))
        var spans: [OTLPSpan] { stored.withLock { $0.traces.flatMap { $0.resourceSpans.flatMap(\.spans) } } }
        var records: [OTLPLogRecord] { stored.withLock { $0.logs.flatMap { $0.resourceLogs.flatMap(\.records) } } }
        var requests: [Request] { stored.withLock { $0.requests } }

        func take(_ request: Request) throws -> Response {
            let isFirst = stored.withLock { stored in
                stored.requests.append(request)
                return stored.requests.count == 1
            }
            if isFirst { return Response(status: .serviceUnavailable, headers: ["retry-after": "0"]) }
            let body = try Gzip.decompress(request.body, limit: 1 << 24)
            if request.path == "/v1/traces" {
                let traces = try OTLPDecoder.traces(protobuf: body)
                stored.withLock { $0.traces.append(traces) }
            } else {
                let logs = try OTLPDecoder.logs(protobuf: body)
                stored.withLock { $0.logs.append(logs) }
            }
            return Response(headers: ["content-type": "application/x-protobuf"])
        }
    }

    private static func run(
        _ body: (EventLoop, HTTPClient, _ port: Int, Received) async throws -> Void
    ) async throws {
        let received = Received()
        let router = Router()
        for path in ["/v1/traces", "/v1/logs"] { router.post(path) { request, _ in try received.take(request) } }
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = HTTPServer(
            configuration: HTTPServer.Configuration(), responder: router.buildResponder(), eventLoop: loop,
            logger: .noOp)
        let client = HTTPClient(eventLoop: loop)
        try await server.start()
        do {
            try await body(loop, client, server.port, received)
        } catch {
            await client.shutdown()
            await server.shutdown()
            throw error
        }
        await client.shutdown()
        await server.shutdown()
    }

    @Test("Spans and log records arrive after their first request was retried")
    func spansAndRecordsArriveAfterARetry() async throws {
        try await Self.run { loop, client, port, received in
            let metrics = TestMetrics()
            var configuration = OTLPExporterConfiguration.Signal(
                endpoint: "http://127.0.0.1:\(port)/v1/traces", compression: .gzip)
            let spanExporter = try #require(
                OTLPHTTPSpanExporter(
                    configuration: configuration, resource: OTLPEncodingTests.resource, version: "1.2.3",
                    client: client,
                    eventLoop: loop, logger: .noOp, metrics: metrics))
            configuration.endpoint = "http://127.0.0.1:\(port)/v1/logs"
            let logExporter = try #require(
                OTLPHTTPLogRecordExporter(
                    configuration: configuration, resource: OTLPEncodingTests.resource, version: "1.2.3",
                    client: client,
                    eventLoop: loop, logger: .noOp, metrics: metrics))
            let spans = BatchSpanProcessor(exporter: spanExporter, eventLoop: loop, metrics: metrics)
            let logs = BatchLogRecordProcessor(exporter: logExporter, eventLoop: loop, metrics: metrics)

            var telemetry = RandomTelemetry(seed: 31)
            let sent = (0..<600).map { _ in
                var span = telemetry.span()
                span.context.traceFlags = .sampled
                return span
            }
            for span in sent { spans.onEnd(span) }
            await spans.shutdown()
            let logger = Logger(label: "test", handler: OTLPLogHandler(processor: logs))
            for index in 0..<10 { logger.info("line \(index)") }
            await logs.shutdown()

            let expected = String(reflecting: sent.map { OTLPSpan($0) })
            #expect(String(reflecting: received.spans) == expected)
            #expect(received.records.map(\.body) == (0..<10).map { .string("line \($0)") })
            // Two batches of spans, the first of them twice, and one of records.
            #expect(received.requests.count == 4)
            #expect(received.requests[0].body == received.requests[1].body)
            #expect(received.requests.allSatisfy { $0.headers["traceparent"] == nil })
            #expect(received.requests.allSatisfy { $0.headers["user-agent"] == "OTel-OTLP-Exporter-Swift/1.2.3" })
            #expect(metrics.value("otel.sdk.exporter.span.exported") == 600)
            #expect(metrics.value("otel.sdk.exporter.log.exported") == 10)
        }
    }

    @Test("A refused connection returns the batch in time")
    func aRefusedConnectionReturnsTheBatchInTime() async throws {
        try await Self.run { loop, client, _, _ in
            let log = TestLog()
            // Port 1 needs privileges that no test has: nobody listens there.
            let exporter = try #require(
                OTLPHTTPSpanExporter(
                    configuration: .init(endpoint: "http://127.0.0.1:1/v1/traces", timeout: .milliseconds(200)),
                    resource: Resource(), version: "1", client: client, eventLoop: loop, logger: log.logger,
                    metrics: TestMetrics()))
            var telemetry = RandomTelemetry(seed: 32)
            #expect(await exporter.export([telemetry.span()]) == .retryable(reason: "connect_failed", after: nil))
            #expect(log.events.map(\.message) == ["1 span could not be exported yet"])
        }
    }
}
