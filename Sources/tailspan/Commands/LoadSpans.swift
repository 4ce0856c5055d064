import Contracts
import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import OTel
import Synchronization
import Tracing
import Workload

/// The load generator's own spans: the root of each trace that a load begins, under the ids that its request carries.
///
/// Without them every one of these traces would lack its root for ever. They go through the same bounded queue as a
/// service's spans, so a backend that is slow or gone delays no request; what it does not take is counted as lost.
final class LoadSpans: Sendable {
    /// How long the last spans may take to be sent, and any export at all.
    static let patience = Duration.seconds(3)

    private let endpoint: String
    private let peer: Peer
    private let clock: WallClock
    private let client: HTTPClient
    private let exporter: CountingExporter
    private let processor: BatchSpanProcessor
    private let recorded = Atomic(0)

    /// `nil` if the configuration ships no spans.
    /// - Parameter baseURL: where the requests go.
    init?(_ configuration: OTelConfiguration, baseURL: String, eventLoop: EventLoop, clock: WallClock = .system) {
        var signal = configuration.exporter.traces
        signal.timeout = min(signal.timeout, Self.patience)
        var batching = configuration.batchSpanProcessor
        batching.exportTimeout = min(batching.exportTimeout, Self.patience)
        let client = HTTPClient(eventLoop: eventLoop)
        guard !configuration.isDisabled, let endpoint = signal.endpoint,
            // What is lost is told in the report, once, and not line by line.
            let exporter = OTLPHTTPSpanExporter(
                configuration: signal, resource: configuration.resource, version: OTelSDK.version, client: client,
                eventLoop: eventLoop, logger: .noOp, metrics: NOOPMetricsHandler())
        else { return nil }
        self.endpoint = endpoint
        self.client = client
        self.clock = clock
        peer = Peer(baseURL)
        self.exporter = CountingExporter(exporter)
        processor = BatchSpanProcessor(exporter: self.exporter, configuration: batching, eventLoop: eventLoop)
    }

    /// Why nothing takes spans at the endpoint; `nil` if something answers there, whatever it says.
    func trouble() async -> String? {
        do {
            _ = try await client.execute(HTTPClient.Request(url: endpoint), timeout: .seconds(1))
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Sends as `send` does, and records a span from sending to answer.
    func recording(_ send: @escaping LoadTransport) -> LoadTransport {
        { request in
            let wall = self.clock.now()
            let start = ContinuousClock.now
            let result: Result<LoadAnswer, any Error>
            do { result = .success(try await send(request)) } catch { result = .failure(error) }
            self.record(request, result, from: wall, took: start.duration(to: .now))
            return try result.get()
        }
    }

    private func record(
        _ request: PlannedRequest, _ result: Result<LoadAnswer, any Error>, from start: UInt64, took duration: Duration
    ) {
        guard let traceID = TraceID(request.traceID), let spanID = SpanID(request.spanID) else { return }
        var attributes = peer.attributes
        attributes["url.full"] = .string(peer.url + request.uri)
        var errorType: String?
        var message: String?
        switch result {
        case .success(let answer):
            attributes["http.response.status_code"] = .int64(Int64(answer.status.code))
            // Whatever the request was meant to get: a CLIENT span says how the call ended.
            if answer.status.code >= 400 { errorType = String(answer.status.code) }
        case .failure(let error):
            errorType =
                (error as? HTTPClientError)?.errorType
                ?? (error is CancellationError ? "cancelled" : String(reflecting: type(of: error)))
            message = String(describing: error)
        }
        if let errorType { attributes["error.type"] = .string(errorType) }
        recorded.add(1, ordering: .relaxed)
        processor.onEnd(
            SpanData(
                context: SpanContext(traceID: traceID, spanID: spanID, traceFlags: [.sampled, .random]),
                name: "POST /v1/tasks", kind: .client, startTime: start,
                endTime: start + UInt64(max(duration / .nanoseconds(1), 0)), attributes: attributes,
                status: errorType.map { _ in SpanStatus(code: .error, message: message) }))
    }

    /// Sends what is left, for as long as the patience lasts, and says what became of all spans.
    func finish() async -> LoadReport.Spans {
        await processor.shutdown()
        await client.shutdown()
        let (delivered, failure) = exporter.outcome
        let recorded = recorded.load(ordering: .relaxed)
        let lost = max(recorded - delivered, 0)
        return LoadReport.Spans(
            endpoint: HTTPAuthority(endpoint).redactedURL, recorded: recorded, lost: lost,
            reason: lost > 0 ? failure : nil)
    }
}

/// Whom the requests go to, as attributes (semantic conventions, "HTTP client span").
private struct Peer {
    /// The base URL; who it says is calling is kept back.
    let url: String
    let attributes: SpanAttributes

    init(_ baseURL: String) {
        let authority = HTTPAuthority(baseURL)
        url = authority.redactedURL
        attributes = [
            "http.request.method": "POST", "url.template": "/v1/tasks", "server.address": .string(authority.host),
            "server.port": .int64(Int64(authority.port)), Attribute.peerName: "gateway",
        ]
    }
}

/// Counts what an exporter delivers.
private final class CountingExporter: SpanExporter {
    private let exporter: OTLPHTTPSpanExporter
    private let state = Mutex<(delivered: Int, failure: String?)>((0, nil))

    init(_ exporter: OTLPHTTPSpanExporter) { self.exporter = exporter }

    /// How many spans were delivered, and why the first that were not, were not.
    var outcome: (delivered: Int, failure: String?) { state.withLock { $0 } }

    func export(_ batch: [SpanData]) async -> ExportResult {
        let result = await exporter.export(batch)
        state.withLock { state in
            switch result {
            case .success(let rejected):
                state.delivered += batch.count - rejected
                if rejected > 0, state.failure == nil { state.failure = "rejected" }
            case .failure(let reason):
                if state.failure == nil { state.failure = reason }
            }
        }
        return result
    }

    func shutdown() async { await exporter.shutdown() }
}
