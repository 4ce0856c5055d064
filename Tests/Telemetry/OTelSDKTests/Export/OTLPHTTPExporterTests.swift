import Encoding
import HTTP
import Logging
import Testing
import Tracing

@testable import OTLP
@testable import OTelSDK
@testable import TraceContext

@Suite("The OTLP/HTTP exporter")
struct OTLPHTTPExporterTests {
    static let endpoint = "http://user:secret@127.0.0.1:4318/v1/traces?x=1"

    static func exporter(
        _ backend: FakeBackend, random: Double = 0.5,
        _ configure: (inout OTLPExporterConfiguration.Signal) -> Void = { _ in }
    ) throws -> OTLPHTTPSpanExporter {
        var configuration = OTLPExporterConfiguration.Signal(endpoint: endpoint)
        configure(&configuration)
        return try #require(
            OTLPHTTPSpanExporter(
                configuration: configuration, resource: OTLPEncodingTests.resource, version: "1.2.3",
                dependencies: backend.dependencies(random: random)))
    }

    static func spans(_ count: Int) -> [SpanData] {
        var telemetry = RandomTelemetry(seed: 21)
        return (0..<count).map { _ in telemetry.span() }
    }

    @Test("A batch is sent as protobuf, outside any trace")
    func aBatchIsSentAsProtobufOutsideAnyTrace() async throws {
        let backend = FakeBackend(.answer(200))
        let exporter = try Self.exporter(backend) {
            $0.headers = [
                .init(name: "authorization", value: "Bearer x"), .init(name: "content-type", value: "text/plain"),
            ]
        }
        let spans = Self.spans(7)
        var context = ServiceContext.topLevel
        context.spanContext = spans[0].context
        let result = await ServiceContext.withValue(context) { await exporter.export(spans) }
        #expect(result == .success(rejected: 0))
        let attempt = try #require(backend.attempts.first)
        #expect(backend.attempts.count == 1)
        #expect(attempt.request.url == Self.endpoint)
        #expect(attempt.request.method == .post)
        #expect(attempt.request.headers["content-type"] == "application/x-protobuf")
        #expect(attempt.request.headers["content-encoding"] == nil)
        #expect(attempt.request.headers["authorization"] == "Bearer x")
        #expect(attempt.request.headers["user-agent"] == "OTel-OTLP-Exporter-Swift/1.2.3")
        #expect(attempt.timeout == .seconds(10))
        #expect(attempt.context == nil)
        let expected = String(reflecting: OTLPEncodingTests.traces(spans))
        #expect(String(reflecting: try OTLPDecoder.traces(protobuf: attempt.request.body)) == expected)
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported") == 7)
        #expect(backend.metrics.value("otel.sdk.exporter.span.inflight") == 0)
        #expect(backend.metrics.keys.contains("otel.sdk.exporter.operation.duration"))
        #expect(backend.log.lines.isEmpty)
    }

    @Test("A batch is sent as JSON with gzip on request")
    func aBatchIsSentAsGzippedJSONOnRequest() async throws {
        let backend = FakeBackend(.answer(200, ["content-type": "application/json"], Array("{}".utf8)))
        let exporter = try Self.exporter(backend) {
            $0.wireProtocol = .httpJSON
            $0.compression = .gzip
        }
        let spans = Self.spans(7)
        #expect(await exporter.export(spans) == .success(rejected: 0))
        let request = backend.attempts[0].request
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["content-encoding"] == "gzip")
        let body = try Gzip.decompress(request.body, limit: 1 << 24)
        #expect(
            String(reflecting: try OTLPDecoder.traces(json: body))
                == String(reflecting: OTLPEncodingTests.traces(spans)))
    }

    @Test("Log records are sent in the same way as spans")
    func logRecordsAreSentLikeSpans() async throws {
        let backend = FakeBackend(.answer(200))
        let exporter = try #require(
            OTLPHTTPLogRecordExporter(
                configuration: .init(endpoint: "http://127.0.0.1:3100/otlp/v1/logs"),
                resource: OTLPEncodingTests.resource,
                version: "1.2.3", dependencies: backend.dependencies()))
        var telemetry = RandomTelemetry(seed: 22)
        let records = (0..<5).map { _ in telemetry.logRecord() }
        #expect(await exporter.export(records) == .success(rejected: 0))
        let expected = String(reflecting: OTLPEncodingTests.logs(records))
        #expect(String(reflecting: try OTLPDecoder.logs(protobuf: backend.attempts[0].request.body)) == expected)
        #expect(backend.metrics.value("otel.sdk.exporter.log.exported") == 5)
        #expect(backend.metrics.value("otel.sdk.exporter.log.inflight") == 0)
    }

    @Test("Nothing is sent without an endpoint or for an empty batch")
    func nothingIsSentWithoutAnEndpointOrSpans() async throws {
        let backend = FakeBackend(.answer(200))
        #expect(
            OTLPHTTPSpanExporter(
                configuration: .init(), resource: Resource(), version: "1", dependencies: backend.dependencies()) == nil
        )
        #expect(await (try Self.exporter(backend)).export([]) == .success(rejected: 0))
        #expect(backend.attempts.isEmpty)
    }

    @Test("Retryable failures are retried with growing delays", arguments: [429, 502, 503, 504])
    func retryableFailuresAreRetriedWithGrowingDelays(status: Int) async throws {
        let backend = FakeBackend(
            .answer(status), .fails(HTTPClientError.connectFailed("refused")),
            .fails(HTTPClientError.transferFailed("reset")), .answer(200))
        let spans = Self.spans(3)
        #expect(await (try Self.exporter(backend)).export(spans) == .success(rejected: 0))
        #expect(backend.sleeps == [.milliseconds(500), .seconds(1), .seconds(2)])
        #expect(Set(backend.attempts.map(\.request.body)).count == 1)
        // Each attempt may take what is left of the whole.
        #expect(backend.attempts.map(\.timeout) == [10, 9.5, 8.5, 6.5].map { .seconds($0) })
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported") == 3)
        #expect(backend.log.lines.isEmpty)
    }

    @Test("Jitter varies the delays", arguments: [(0.0, 400), (0.25, 450), (0.75, 550)])
    func jitterVariesTheDelays(random: Double, milliseconds: Int) async throws {
        let backend = FakeBackend(.answer(503), .answer(200))
        _ = await (try Self.exporter(backend, random: random)).export(Self.spans(1))
        let slept = try #require(backend.sleeps.first)
        #expect(abs((slept - .milliseconds(milliseconds)) / .milliseconds(1)) < 0.001)
    }

    @Test("Retry-After is honoured in seconds and as a date")
    func retryAfterIsHonoured() async throws {
        let backend = FakeBackend(
            .answer(429, ["retry-after": "3"]), .answer(503, ["retry-after": "Sun, 06 Nov 1994 08:49:42 GMT"]),
            .answer(503, ["retry-after": "nonsense"]), .answer(200))
        #expect(await (try Self.exporter(backend)).export(Self.spans(1)) == .success(rejected: 0))
        // The date is two seconds after the first wait; what cannot be read is as if it were not there.
        #expect(backend.sleeps == [.seconds(3), .seconds(2), .seconds(2)])
    }

    @Test(
        "A delay beyond the timeout is left to the caller, and spans are counted once given up"
    )
    func aDelayBeyondTheTimeoutIsLeftToTheCaller() async throws {
        let backend = FakeBackend(.answer(503, ["retry-after": "10"]))
        let exporter = try Self.exporter(backend)
        #expect(await exporter.export(Self.spans(4)) == .retryable(reason: "503", after: .seconds(10)))
        #expect(backend.attempts.count == 1)
        #expect(backend.sleeps.isEmpty)
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported{error.type=503}") == 0)
        exporter.giveUp(4, reason: "503")
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported{error.type=503}") == 4)
        #expect(backend.log.lines.last?.event.message == "4 spans could not be exported for good")
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported") == 0)
        #expect(backend.metrics.value("otel.sdk.exporter.span.inflight") == 0)
    }

    @Test(
        "An unreachable backend is retried until the timeout, and no span counts as lost yet",
        arguments: [HTTPClientError.connectFailed("refused"), .connectTimedOut("refused")])
    func anUnreachableBackendIsRetriedUntilTheTimeout(error: HTTPClientError) async throws {
        let backend = FakeBackend(.fails(error))
        let reason = error.errorType
        #expect(await (try Self.exporter(backend)).export(Self.spans(2)) == .retryable(reason: reason, after: nil))
        #expect(backend.sleeps == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(backend.elapsed < .seconds(10))
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported{error.type=\(reason)}") == 0)
        #expect(backend.metrics.value("otel.sdk.exporter.span.inflight") == 0)
        let line = try #require(backend.log.lines.first)
        #expect(backend.log.lines.count == 1)
        #expect(line.event.level == .warning)
        #expect(line.event.message == "2 spans could not be exported yet")
        #expect(line.event.metadata["reason"] == .string(reason))
        #expect(line.event.metadata["cause"] == .string("\(error)"))
        #expect(line.event.metadata["retries"] == 4)
        #expect(line.event.metadata["endpoint"] == "http://REDACTED:REDACTED@127.0.0.1:4318/v1/traces?x=1")
    }

    @Test("A hanging backend takes no longer than the timeout")
    func aHangingBackendTakesNoLongerThanTheTimeout() async throws {
        let backend = FakeBackend(.answer(503), .hangs)
        let exporter = try Self.exporter(backend) { $0.timeout = .seconds(2) }
        #expect(await exporter.export(Self.spans(1)) == .retryable(reason: "timeout", after: nil))
        #expect(backend.attempts.map(\.timeout) == [.seconds(2), .milliseconds(1500)])
        #expect(backend.elapsed == .seconds(2))
    }

    static let lasting: [(FakeBackend.Step, String)] = [
        (.answer(400), "400"), (.answer(401), "401"), (.answer(404), "404"), (.answer(408), "408"),
        (.answer(413), "413"),
        (.answer(500), "500"), (.answer(501), "501"), (.answer(301, ["location": "/"]), "301"),
        (.answer(400, ["retry-after": "1"]), "400"), (.fails(HTTPClientError.invalidURL("x")), "invalid_url"),
        (.fails(HTTPClientError.bodyTooLarge), "body_too_large"),
        (.fails(HTTPClientError.speaksHTTP2), "speaks_http2"),
        (.fails(HTTPClientError.tlsUnavailable("libcurl.so.4: gone")), "tls_unavailable"),
        (.fails(HTTPClientError.alreadyShutdown), "already_shutdown"),
        (.fails(CancellationError()), "cancelled"),
    ]

    @Test("Permanent failures are given up at once", arguments: lasting)
    func permanentFailuresAreGivenUpAtOnce(step: FakeBackend.Step, reason: String) async throws {
        let backend = FakeBackend(step)
        #expect(await (try Self.exporter(backend)).export(Self.spans(1)) == .failure(reason: reason))
        #expect(backend.attempts.count == 1)
        #expect(backend.sleeps.isEmpty)
    }

    @Test("A port that speaks gRPC is reported with the port that is usually meant")
    func aGRPCPortIsReportedWithTheUsualPort() async throws {
        let backend = FakeBackend(.fails(HTTPClientError.speaksHTTP2))
        _ = await (try Self.exporter(backend)).export(Self.spans(1))
        #expect(
            backend.log.lines.first?.event.metadata["cause"]
                == "this port speaks gRPC; OTLP over HTTP, which is sent here, usually has port 4318")
    }

    @Test("Cancellation ends the delay before a retry")
    func cancellationEndsTheRetryDelay() async throws {
        let backend = FakeBackend(.answer(503))
        backend.interruptNextSleep(CancellationError())
        #expect(await (try Self.exporter(backend)).export(Self.spans(1)) == .failure(reason: "cancelled"))
        #expect(backend.attempts.count == 1)
        #expect(
            backend.log.lines.first?.event.metadata["cause"] == "there was no time left to wait for the answer")
    }

    @Test("Nothing is sent after the shutdown")
    func nothingIsSentAfterTheShutdown() async throws {
        let backend = FakeBackend(.answer(200))
        let exporter = try Self.exporter(backend)
        await exporter.shutdown()
        #expect(await exporter.export(Self.spans(2)) == .failure(reason: "already_shutdown"))
        #expect(backend.attempts.isEmpty)
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported{error.type=already_shutdown}") == 2)
    }

    @Test("Refused spans are counted and logged", arguments: [OTLPContentType.protobuf, .json])
    func refusedSpansAreCountedAndLogged(type: OTLPContentType) async throws {
        let answer = OTLPResponse(rejected: 2, errorMessage: "too old").encode(.traces, as: type)
        let backend = FakeBackend(.answer(200, ["content-type": type.rawValue], answer))
        let exporter = try Self.exporter(backend) { $0.wireProtocol = type == .json ? .httpJSON : .httpProtobuf }
        #expect(await exporter.export(Self.spans(5)) == .success(rejected: 2))
        #expect(backend.attempts.count == 1)
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported") == 3)
        #expect(backend.metrics.value("otel.sdk.exporter.span.exported{error.type=rejected}") == 2)
        #expect(backend.log.lines.map(\.event.message) == ["The telemetry backend refused 2 of 5 spans"])
        #expect(backend.log.lines[0].event.metadata["cause"] == "too old")
    }

    @Test("A count of refused spans above the batch or below zero is clamped", arguments: [(Int64.max, 5), (-3, 0)])
    func anImpossibleRefusalCountIsClamped(rejected: Int64, believed: Int) async throws {
        let answer = OTLPResponse(rejected: rejected, errorMessage: "").encode(.traces, as: .protobuf)
        let backend = FakeBackend(.answer(200, [:], answer))
        #expect(await (try Self.exporter(backend)).export(Self.spans(5)) == .success(rejected: believed))
    }

    @Test("A warning of the backend is logged, and an unreadable response causes no retry")
    func aBackendWarningIsLoggedAndABadResponseIsNotRetried() async throws {
        let answer = OTLPResponse(errorMessage: "use gzip").encode(.traces, as: .protobuf)
        let backend = FakeBackend(.answer(200, [:], answer), .answer(200, [:], [0xFF]))
        let exporter = try Self.exporter(backend)
        #expect(await exporter.export(Self.spans(1)) == .success(rejected: 0))
        #expect(await exporter.export(Self.spans(1)) == .success(rejected: 0))
        #expect(backend.attempts.count == 2)
        #expect(backend.log.lines.map { $0.event.metadata["reason"] } == ["backend_warning", "unreadable_response"])
    }

    static let details: [(HTTPFields, [UInt8], String)] = [
        (
            ["content-type": "application/x-protobuf"], OTLPErrorStatus(code: 3, message: "bad").encode(as: .protobuf),
            "400 Bad Request: bad"
        ),
        (
            ["content-type": "application/json"], OTLPErrorStatus(code: 3, message: "bad").encode(as: .json),
            "400 Bad Request: bad"
        ),
        (["content-type": "text/plain; charset=utf-8"], Array("bad".utf8), "400 Bad Request: bad"),
        (["content-type": "text/html"], Array("<h1>".utf8), "400 Bad Request"),
        (["content-type": "application/json"], Array("<h1>".utf8), "400 Bad Request"), ([:], [], "400 Bad Request"),
    ]

    @Test("The error message of the backend is logged", arguments: details)
    func theErrorOfTheBackendIsLogged(headers: HTTPFields, body: [UInt8], cause: String) async throws {
        let backend = FakeBackend(.answer(400, headers, body))
        _ = await (try Self.exporter(backend)).export(Self.spans(1))
        #expect(backend.log.lines.first?.event.metadata["cause"] == .string(cause))
    }

    @Test("Failures are logged once in 30 s per reason, outside any trace, with the number of suppressed ones")
    func failuresAreLoggedOncePerIntervalAndReason() async throws {
        let backend = FakeBackend(
            .answer(400), .answer(400), .answer(413), .answer(400), .answer(400), .answer(400), .answer(400))
        let exporter = try Self.exporter(backend)
        let spans = Self.spans(1)
        var context = ServiceContext.topLevel
        context.spanContext = spans[0].context
        await ServiceContext.withValue(context) {
            for _ in 0..<4 { _ = await exporter.export(spans) }
            backend.advance(by: .milliseconds(29_900))
            _ = await exporter.export(spans)
            backend.advance(by: .milliseconds(100))
            _ = await exporter.export(spans)
            backend.advance(by: .seconds(30))
            _ = await exporter.export(spans)
        }
        let lines = backend.log.lines
        #expect(lines.map { $0.event.metadata["reason"] } == ["400", "413", "400", "400"])
        #expect(lines.map { $0.event.metadata["suppressed"] } == [nil, nil, 3, nil])
        #expect(lines.allSatisfy { $0.context == nil && $0.event.level == .warning })
    }
}

@Suite("The export failure log")
struct FailureLogTests {
    @Test("New reasons beyond the limit share one entry")
    func newReasonsShareOneEntryBeyondTheLimit() {
        let log = RecordingLog()
        let now = ContinuousClock.now
        let failures = FailureLog(logger: Logger(label: "test", handler: log), now: { now })
        for index in 0..<1000 { failures.warn("reason \(index)", "message", metadata: [:]) }
        #expect(log.lines.count == 65)
    }
}
