import Encoding
import HTTP
import Logging
import OTLP
import Synchronization
import Tracing
import Vocabulary

/// Sends batches over OTLP/HTTP; shared by the span exporter and the log record exporter.
///
/// Its own requests run outside any trace and are neither traced nor logged individually.
final class OTLPHTTPExporter<Item: OTLPExportable>: Sendable {
    private let endpoint: String
    private let configuration: OTLPExporterConfiguration.Signal
    private let resource: Resource
    private let scope: OTLPScope
    private let headers: HTTPFields
    private let retry = RetryPolicy()
    private let dependencies: OTLPExporterDependencies
    private let metrics: ExporterMetrics
    private let failures: FailureLog
    private let writer: Mutex<OTLPRequestWriter>
    private let isShutDown = Atomic(false)

    init(
        endpoint: String, configuration: OTLPExporterConfiguration.Signal, resource: Resource, scope: OTLPScope,
        dependencies: OTLPExporterDependencies
    ) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.resource = resource
        self.scope = scope
        self.dependencies = dependencies
        metrics = ExporterMetrics(
            Item.names, wireProtocol: configuration.wireProtocol, factory: dependencies.metrics)
        failures = FailureLog(logger: dependencies.logger, now: dependencies.now)
        writer = Mutex(OTLPRequestWriter(resource: resource, scope: scope))

        var headers: HTTPFields = [Header.userAgent: "OTel-OTLP-Exporter-Swift/\(scope.version)"]
        for header in configuration.headers { headers[header.name] = header.value }
        headers[Header.contentType] = configuration.wireProtocol.contentType.rawValue
        if configuration.compression == .gzip { headers[Header.contentEncoding] = "gzip" }
        self.headers = headers
    }

    func shutdown() { isShutDown.store(true, ordering: .relaxed) }

    var wireProtocol: OTLPExporterConfiguration.WireProtocol { configuration.wireProtocol }

    func export(_ batch: [Item]) async -> ExportResult {
        await export(batch.count) { writer in
            switch configuration.wireProtocol {
            case .httpProtobuf: Item.protobuf(batch, &writer)
            case .httpJSON: Item.json(batch, resource: resource, scope: scope)
            }
        }
    }

    /// Sends the request of `count` items that `encode` makes.
    func export(_ count: Int, _ encode: (inout OTLPRequestWriter) -> [UInt8]) async -> ExportResult {
        guard count > 0 else { return .success(rejected: 0) }
        let start = dependencies.now()
        metrics.began(count)
        let plain = writer.withLock { encode(&$0) }
        let result = await ServiceContext.withValue(nil) {
            await send(plain, count, deadline: start + configuration.timeout)
        }
        metrics.ended(count, result, took: dependencies.now() - start)
        return result
    }

    /// Counts and logs a batch that will not be retried.
    func giveUp(_ count: Int, reason: String) {
        metrics.gaveUp(count, reason)
        failures.warn(
            "given_up", "\(Item.names.counted(count)) could not be exported for good", metadata: fields(reason))
    }

    private func send(_ plain: [UInt8], _ count: Int, deadline: ContinuousClock.Instant) async -> ExportResult {
        guard !isShutDown.load(ordering: .relaxed) else {
            return fail(count, ExportFailure(reason: "already_shutdown", message: "the exporter is shut down"))
        }
        var request = HTTPClient.Request(method: .post, url: endpoint, headers: headers)
        request.tls = configuration.tls
        do {
            request.body = configuration.compression == .gzip ? try Gzip.compress(plain) : plain
        } catch {
            return fail(count, ExportFailure(reason: "compression_failed", message: error.description))
        }
        var retries = 0
        while true {
            let failure: ExportFailure
            do {
                let response = try await dependencies.transport(request, deadline - dependencies.now())
                if response.status.isSuccess { return accept(response, count: count) }
                failure = ExportFailure(response, now: dependencies.wallClock.now())
            } catch {
                failure = ExportFailure(error)
            }
            guard failure.isRetryable, !isShutDown.load(ordering: .relaxed) else { return fail(count, failure) }
            retries += 1
            let delay =
                failure.retryAfter ?? retry.delay(beforeRetry: retries, random: dependencies.random())
            // Do not wait if there is no time left to send afterwards: the queue behind this batch is waiting too.
            guard dependencies.now() + delay < deadline else { return fail(count, failure, retries: retries - 1) }
            do {
                try await dependencies.sleep(delay)
            } catch {
                return fail(count, ExportFailure(error), retries: retries - 1)
            }
        }
    }

    /// Reads how much the backend refused.
    private func accept(_ response: HTTPClient.Response, count: Int) -> ExportResult {
        let type =
            response.headers[Header.contentType].flatMap { OTLPContentType(header: $0) }
            ?? configuration.wireProtocol.contentType
        let answer: OTLPResponse
        do {
            answer = try OTLPResponse(Item.names.kind, response.body, as: type)
        } catch {
            // The status says that the batch was accepted; sending it again would duplicate it.
            failures.warn(
                "unreadable_response", "The answer of the telemetry backend cannot be read",
                metadata: fields(error.description))
            return .success(rejected: 0)
        }
        let rejected = Int(min(max(answer.rejected, 0), Int64(count)))
        if rejected > 0 {
            failures.warn(
                "rejected", "The telemetry backend refused \(rejected) of \(Item.names.counted(count))",
                metadata: fields(answer.errorMessage))
        } else if !answer.errorMessage.isEmpty {
            failures.warn(
                "backend_warning", "The telemetry backend took all \(Item.names.items) with a warning",
                metadata: fields(answer.errorMessage))
        }
        return .success(rejected: rejected)
    }

    private func fail(_ count: Int, _ failure: ExportFailure, retries: Int = 0) -> ExportResult {
        let isRetryable = failure.isRetryable && !isShutDown.load(ordering: .relaxed)
        failures.warn(
            failure.reason, "\(Item.names.counted(count)) could not be exported" + (isRetryable ? " yet" : ""),
            metadata: fields(failure.message, retries: retries))
        return isRetryable
            ? .retryable(reason: failure.reason, after: failure.retryAfter) : .failure(reason: failure.reason)
    }

    private func fields(_ cause: String, retries: Int = 0) -> Logger.Metadata {
        var fields: Logger.Metadata = ["endpoint": .string(URLRedaction.url(endpoint))]
        if !cause.isEmpty { fields["cause"] = .string(String(cause.prefix(500))) }
        if retries > 0 { fields["retries"] = .integer(Int64(retries)) }
        return fields
    }
}

extension OTLPExporterConfiguration.WireProtocol {
    var contentType: OTLPContentType {
        switch self {
        case .httpProtobuf: .protobuf
        case .httpJSON: .json
        }
    }
}
