import Encoding
import HTTP
import Metrics
import OTLP
import PocketStore
import Vocabulary

/// Counts pushed lines.
struct LogIntakeMetrics: Sendable {
    private let accepted: Counter
    private let rejected: Counter
    private let truncated: Counter

    init(_ factory: any MetricsFactory) {
        accepted = Counter(
            label: "tailspan.pocket.log.lines.accepted", description: "Lines stored from pushes.", unit: "{line}",
            factory: factory)
        rejected = Counter(
            label: "tailspan.pocket.log.lines.rejected", description: "Lines of pushes that were refused.",
            unit: "{line}", factory: factory)
        truncated = Counter(
            label: "tailspan.pocket.log.lines.truncated",
            description: "Lines of pushes that were cut for their length.",
            unit: "{line}", factory: factory)
    }

    func count(accepted lines: Int, rejected refused: Int, truncated cut: Int) {
        accepted.increment(by: Int64(lines))
        rejected.increment(by: Int64(refused))
        truncated.increment(by: Int64(cut))
    }
}

extension LokiAPI {
    /// The maximum size of a body once decompressed.
    static let maximumBody = 16 << 20

    func push(_ request: Request) async throws -> Response {
        let type = (request.headers[Header.contentType] ?? "").prefix { $0 != ";" }.lowercased()
        guard type == "application/json" else {
            let given = type.isEmpty ? "no content type" : "\"\(type)\""
            throw HTTPError(
                .unsupportedMediaType,
                message: "pocket stack: a push must be application/json (\(given) was sent); snappy-compressed "
                    + "protobuf is not supported, OTLP is at /otlp/v1/logs")
        }
        let now = clock.now()
        let intake = try await database.work { try Self.intake(ofPush: request, now: now) }
        try await store(intake)
        if let report = intake.report { return LokiResponses.error(report, status: .badRequest) }
        return Response(status: .noContent)
    }

    private static func intake(ofPush request: Request, now: UInt64) throws -> LogIntake {
        let push = try PushRequest(json: try decompressed(request))
        guard !push.streams.isEmpty else {
            throw HTTPError(
                .unprocessableContent, message: "error at least one valid stream is required for ingestion")
        }
        var intake = LogIntake(now: now)
        for item in push.streams {
            guard let stream = intake.stream(item.labels, count: item.entries.count) else { continue }
            for entry in item.entries {
                intake.add(to: stream, time: entry.time, line: entry.line, metadata: entry.metadata)
            }
        }
        return intake
    }

    /// OTLP/HTTP: errors are a `google.rpc.Status` in the request's own encoding.
    func pushOTLP(_ request: Request) async -> Response {
        guard let type = OTLPContentType(header: request.headers[Header.contentType] ?? "") else {
            return LokiResponses.error(
                "content type: \(request.headers[Header.contentType] ?? "") is not supported: expected "
                    + "application/x-protobuf or application/json", status: .unsupportedMediaType)
        }
        func failure(_ status: HTTPStatus, _ code: Int32, _ message: String) -> Response {
            Response(
                status: status, headers: [Header.contentType: type.rawValue],
                body: OTLPErrorStatus(code: code, message: message).encode(as: type))
        }
        do {
            let now = clock.now()
            let (intake, misnamed) = try await database.work {
                let body = try Self.decompressed(request)
                let logs = try type == .json ? OTLPDecoder.logs(json: body) : OTLPDecoder.logs(protobuf: body)
                var intake = LogIntake(now: now)
                OTLPIntake.add(logs, to: &intake, now: now)
                let isEmptyJSON = type == .json && logs.recordCount == 0
                return (intake, isEmptyJSON ? OTLPMisnamedItems(.logs, json: body) : nil)
            }
            try await store(intake)
            if let report = intake.report { return failure(.badRequest, 3, report) }
            if let misnamed {
                let answer = OTLPResponse(rejected: Int64(misnamed.count), errorMessage: misnamed.message)
                return Response(headers: [Header.contentType: type.rawValue], body: answer.encode(.logs, as: type))
            }
            return Response(status: .noContent)
        } catch let error as TooManyStreams {
            return failure(.tooManyRequests, 8, error.description)
        } catch let error as OTLPDecodingError {
            return failure(.badRequest, 3, error.description)
        } catch let error as HTTPError {
            return failure(error.status, 3, error.message)
        } catch PocketDatabaseError.busy {
            return failure(.tooManyRequests, 8, PocketDatabaseError.busy.description)
        } catch {
            return failure(.serviceUnavailable, 14, String(describing: error))
        }
    }

    /// Why lines of new streams were left out, in Loki's wording.
    struct TooManyStreams: Error, CustomStringConvertible {
        /// Labels as JSON.
        var first: String
        var count: Int

        var description: String {
            (count > 1 ? "\(count) errors like: " : "")
                + "maximum active stream limit exceeded when trying to create stream \(first), reduce the number of "
                + "active streams (reduce labels or reduce label values), or contact your Loki administrator to see if "
                + "the limit can be increased, user: 'fake'"
        }
    }

    private func store(_ intake: LogIntake) async throws {
        let now = clock.now()
        let outcome = try await store.append(
            intake.batch, maximumStreams: LokiLimits.maximumStreams,
            activeSince: Int64(clamping: now - min(now, LokiLimits.activity)))
        metrics.count(
            accepted: outcome.stored, rejected: intake.rejected + intake.batch.count - outcome.stored,
            truncated: intake.truncated)
        if let first = outcome.refusedStreams.first {
            throw TooManyStreams(first: first, count: outcome.refusedStreams.count)
        }
    }

    private static func decompressed(_ request: Request) throws -> [UInt8] {
        switch request.headers[Header.contentEncoding]?.lowercased() {
        case nil, "", "identity": return request.body
        case "gzip":
            do {
                return try Gzip.decompress(request.body, limit: maximumBody)
            } catch let error where error.exceedsLimit {
                throw HTTPError(.contentTooLarge, message: "gzip: \(error)")
            } catch {
                throw HTTPError(.badRequest, message: "gzip: \(error)")
            }
        case let other?:
            throw HTTPError(.badRequest, message: "Content-Encoding \"\(other)\" not supported: expected gzip or none")
        }
    }
}
