import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import OTelSDK
import Synchronization
import TraceContext
import Tracing
import Vocabulary

/// Records the spans of the requests that a command sends itself: the roots of their traces, under the ids that the
/// requests carry. All commands that send requests record their spans here.
///
/// Without them every one of these traces would lack its root. The spans go through the same bounded queue as a
/// service's spans, so a slow or absent backend delays no request; spans that it does not accept are counted as lost.
package final class RootSpans: Sendable {
    /// How long sending the last spans may take, and any single export.
    static let patience = Duration.seconds(3)

    /// Where the spans go; `nil` if no endpoint is configured and they are only counted.
    private let pipeline: Pipeline?
    private let clock: WallClock
    private let recorded = Atomic(0)

    private struct Pipeline {
        let endpoint: String
        let client: HTTPClient
        let exporter: CountingExporter
        let processor: BatchSpanProcessor
    }

    /// `nil` if the configuration exports no spans.
    package init?(_ configuration: OTelConfiguration, eventLoop: EventLoop, clock: WallClock = .system) {
        var signal = configuration.exporter.traces
        signal.timeout = min(signal.timeout, Self.patience)
        var batching = configuration.batchSpanProcessor
        batching.exportTimeout = min(batching.exportTimeout, Self.patience)
        let client = HTTPClient(eventLoop: eventLoop)
        guard !configuration.isDisabled, let endpoint = signal.endpoint,
            // The report mentions lost spans once; logging each failure would repeat it.
            let exporter = OTLPHTTPSpanExporter(
                configuration: signal, resource: configuration.resource, version: OTelSDK.version, client: client,
                eventLoop: eventLoop, logger: .noOp, metrics: NOOPMetricsHandler())
        else { return nil }
        let counting = CountingExporter(exporter)
        pipeline = Pipeline(
            endpoint: endpoint, client: client, exporter: counting,
            processor: BatchSpanProcessor(exporter: counting, configuration: batching, eventLoop: eventLoop))
        self.clock = clock
    }

    /// Spans are wanted but there is no endpoint: all are counted as lost.
    package init(withoutEndpoint clock: WallClock = .system) {
        pipeline = nil
        self.clock = clock
    }

    /// Why the endpoint does not accept spans; `nil` if anything answers there, whatever the answer.
    package func trouble() async -> String? {
        guard let pipeline else { return nil }
        do {
            _ = try await pipeline.client.execute(HTTPClient.Request(url: pipeline.endpoint), timeout: .seconds(1))
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Sends as `transport` does, and records a span from sending to answer for each request that carries a sampled
    /// `traceparent`.
    package func recording(_ transport: any HTTPTransport) -> any HTTPTransport {
        Recorder(spans: self, transport: transport)
    }

    private struct Recorder: HTTPTransport {
        let spans: RootSpans
        let transport: any HTTPTransport

        func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
            guard let context = request.headers[Header.traceParent].flatMap(TraceParent.parse),
                context.traceFlags.contains(.sampled)
            else { return try await transport.execute(request, timeout: timeout) }
            let wall = spans.clock.now()
            let start = ContinuousClock.now
            let result: Result<HTTPClient.Response, any Error>
            do { result = .success(try await transport.execute(request, timeout: timeout)) } catch {
                result = .failure(error)
            }
            spans.record(request, context, result, from: wall, took: start.duration(to: .now))
            return try result.get()
        }
    }

    /// Semantic conventions, "HTTP client span".
    private func record(
        _ request: HTTPClient.Request, _ context: SpanContext, _ result: Result<HTTPClient.Response, any Error>,
        from start: UInt64, took duration: Duration
    ) {
        recorded.add(1, ordering: .relaxed)
        guard let pipeline else { return }
        let peer = HTTPAuthority(request.url)
        let method = request.method.rawValue
        var attributes: SpanAttributes = [
            Attribute.httpRequestMethod: .string(method), Attribute.urlFull: .string(peer.redactedURL),
            Attribute.serverAddress: .string(peer.host), Attribute.serverPort: .int64(Int64(peer.port)),
            Attribute.peerName: "gateway",
        ]
        if let template = request.urlTemplate { attributes[Attribute.urlTemplate] = .string(template) }
        var errorType: String?
        var message: String?
        switch result {
        case .success(let answer):
            attributes[Attribute.httpResponseStatus] = .int64(Int64(answer.status.code))
            // A CLIENT span says how the call ended, even if the request was meant to fail.
            if answer.status.code >= 400 { errorType = String(answer.status.code) }
        case .failure(let error):
            errorType =
                (error as? HTTPClientError)?.errorType
                ?? (error is CancellationError ? "cancelled" : ErrorTypeName.of(error))
            message = String(describing: error)
        }
        if let errorType { attributes[Attribute.errorType] = .string(errorType) }
        pipeline.processor.onEnd(
            SpanData(
                context: SpanContext(
                    traceID: context.traceID, spanID: context.spanID, traceFlags: context.traceFlags),
                name: request.urlTemplate.map { "\(method) \($0)" } ?? method, kind: .client, startTime: start,
                endTime: start + UInt64(max(duration / .nanoseconds(1), 0)), attributes: attributes,
                status: errorType.map { _ in SpanStatus(code: .error, message: message) }))
    }

    /// Sends the spans recorded so far, and returns their outcome.
    package func flush() async -> RootSpanCounts {
        await pipeline?.processor.forceFlush()
        return counts
    }

    /// Sends the remaining spans within the patience, and returns the outcome of all.
    package func finish() async -> RootSpanCounts {
        await pipeline?.processor.shutdown()
        await pipeline?.client.shutdown()
        return counts
    }

    private var counts: RootSpanCounts {
        let recorded = recorded.load(ordering: .relaxed)
        guard let pipeline else {
            return RootSpanCounts(endpoint: nil, recorded: recorded, exported: 0, reason: "no endpoint was given")
        }
        let (delivered, failure) = pipeline.exporter.outcome
        return RootSpanCounts(
            endpoint: HTTPAuthority(pipeline.endpoint).redactedURL, recorded: recorded, exported: delivered,
            reason: delivered < recorded ? failure : nil)
    }
}

/// Counts what an exporter delivers.
private final class CountingExporter: SpanExporter {
    private let exporter: OTLPHTTPSpanExporter
    private let state = Mutex<(delivered: Int, failure: String?)>((0, nil))

    init(_ exporter: OTLPHTTPSpanExporter) { self.exporter = exporter }

    /// How many spans were delivered, and why the first failed export failed.
    var outcome: (delivered: Int, failure: String?) { state.withLock { $0 } }

    func export(_ batch: [SpanData]) async -> ExportResult {
        let result = await exporter.export(batch)
        state.withLock { state in
            switch result {
            case .success(let rejected):
                state.delivered += batch.count - rejected
                if rejected > 0, state.failure == nil { state.failure = "rejected" }
            case .failure(let reason), .retryable(let reason, _):
                if state.failure == nil { state.failure = reason }
            }
        }
        return result
    }

    func shutdown() async { await exporter.shutdown() }
}
