import Encoding
import HTTP
import Logging
import Metrics
import OTLP
import PocketStore
import Vocabulary

/// Receives spans over OTLP/HTTP (OTLP 1.x, "OTLP/HTTP"): protobuf and JSON, plain and gzip.
///
/// A request is answered once its spans are stored and can be read. A malformed request is rejected as a whole, with a
/// `google.rpc.Status` in the request's own encoding. In a valid request, spans without valid ids are counted in the
/// answer's partial success. Text that is not valid Unicode is repaired; it is never a reason for rejection.
package struct OTLPReceiver: Sendable {
    /// The maximum size of a request, both as sent and when decompressed.
    package static let maximumBodySize = 16 << 20
    static let maximumDecompressedSize = 32 << 20

    private let store: TraceStore
    private let received: Counter
    private let rejected: Counter
    private let storing = RecurringProblem(
        "spans could not be stored", recovery: "spans are stored again", level: .error)

    /// Creates a receiver that stores in `store` and counts in `metrics`.
    package init(store: TraceStore, metrics: any MetricsFactory) {
        self.store = store
        received = Counter(
            label: "tailspan.pocket.spans.received", description: "Spans stored.", unit: "{span}", factory: metrics)
        rejected = Counter(
            label: "tailspan.pocket.spans.rejected", description: "Spans refused for their ids.", unit: "{span}",
            factory: metrics)
    }

    /// Adds `POST /v1/traces`.
    package func addRoutes(to router: Router) {
        router.post("/v1/traces") { request, context in await receive(request, context) }
    }

    private func receive(_ request: Request, _ context: RequestContext) async -> Response {
        guard let type = OTLPContentType(header: request.headers[Header.contentType] ?? "") else {
            return .text(
                "415 unsupported media type, supported: [application/json, application/x-protobuf]",
                status: .unsupportedMediaType)
        }
        let batch: TraceBatch
        do {
            batch = try await store.database.work { try Self.read(request, type) }
        } catch let error as GzipError where error.exceedsLimit {
            return Self.refusal(.contentTooLarge, code: 8, error.description, type)
        } catch let error as PocketDatabaseError {
            return Self.refusal(.serviceUnavailable, code: 14, error.description, type)
        } catch {
            return Self.refusal(.badRequest, code: 3, String(describing: error), type)
        }
        do {
            try await store.append(batch)
        } catch PocketDatabaseError.busy {
            return Self.refusal(.serviceUnavailable, code: 14, "too many requests are waiting", type)
        } catch {
            storing.occurred(error, context.logger)
            return Self.refusal(.serviceUnavailable, code: 14, "the spans could not be stored: \(error)", type)
        }
        storing.ended(context.logger)
        received.increment(by: Int64(batch.spanCount))
        rejected.increment(by: Int64(batch.rejection.count))
        return Self.success(batch.rejection, type)
    }

    private static func read(_ request: Request, _ type: OTLPContentType) throws -> TraceBatch {
        let body: [UInt8]
        switch request.headers[Header.contentEncoding]?.lowercased() ?? "identity" {
        case "identity", "": body = request.body
        case "gzip": body = try Gzip.decompress(request.body, limit: maximumDecompressedSize)
        case let encoding:
            throw OTLPDecodingError(message: "unsupported Content-Encoding: \(encoding), expected gzip or none")
        }
        switch type {
        case .protobuf: return try TraceBatch(protobuf: body)
        case .json: return try TraceBatch(json: body)
        }
    }

    /// Full success is an empty `partialSuccess` that is present, as in Tempo.
    private static func success(_ rejection: TraceBatch.Rejection, _ type: OTLPContentType) -> Response {
        let body: [UInt8]
        if rejection.count > 0 || !rejection.message.isEmpty {
            body = OTLPResponse(rejected: Int64(rejection.count), errorMessage: rejection.message)
                .encode(.traces, as: type)
        } else {
            body = type == .json ? Array(#"{"partialSuccess":{}}"#.utf8) : [0x0A, 0x00]
        }
        return Response(headers: [Header.contentType: type.rawValue], body: body)
    }

    private static func refusal(
        _ status: HTTPStatus, code: Int32, _ message: String, _ type: OTLPContentType
    )
        -> Response
    {
        var headers: HTTPFields = [Header.contentType: type.rawValue]
        if status == .serviceUnavailable { headers[Header.retryAfter] = "1" }
        return Response(
            status: status, headers: headers, body: OTLPErrorStatus(code: code, message: message).encode(as: type))
    }
}
