import Encoding
import HTTP
import Logging
import PocketStore
import QuerySupport
import TraceContext
import TraceQL
import Vocabulary

/// The subset of Grafana Tempo's HTTP API that Grafana and the tools use: traces by id, search, completion, metrics.
package struct TempoAPI: Sendable {
    let store: TraceStore
    /// The version in `/api/status/buildinfo`.
    let version: String
    let clock: WallClock

    /// Creates the API over `store`; `clock` provides the current time where a request has none.
    package init(store: TraceStore, clock: WallClock = .system, version: String = "pocket") {
        self.store = store
        self.clock = clock
        self.version = version
    }

    package func addRoutes(to router: Router) {
        router.get("/ready") { _, _ in .text("ready\n") }
        router.get("/api/echo") { _, _ in .text("echo\n") }
        router.get("/api/status/buildinfo") { _, _ in buildInformation() }
        get(router, "/api/traces/{id}") { try await trace($0, id: $1, isVersion2: false) }
        get(router, "/api/v2/traces/{id}") { try await trace($0, id: $1, isVersion2: true) }
        get(router, "/api/search") { request, _ in try await search(request) }
        get(router, "/api/search/tags") { request, _ in try await tags(request, isVersion2: false) }
        get(router, "/api/v2/search/tags") { request, _ in try await tags(request, isVersion2: true) }
        get(router, "/api/search/tag/{id}/values") { try await tagValues($0, tag: $1, isVersion2: false) }
        get(router, "/api/v2/search/tag/{id}/values") { try await tagValues($0, tag: $1, isVersion2: true) }
        get(router, "/api/metrics/query_range") { request, _ in try await metrics(request, isInstant: false) }
        get(router, "/api/metrics/query") { request, _ in try await metrics(request, isInstant: true) }
    }

    /// Why a request cannot be answered: a line of text, as in Tempo.
    struct Problem: Error {
        var status = HTTPStatus.badRequest
        var message: String
        init(_ message: String, status: HTTPStatus = .badRequest) {
            self.message = message
            self.status = status
        }
    }

    /// Larger answers are compressed off the loop.
    private static let maximumCompressedHere = 64 << 10

    /// Adds a route whose errors are answered as lines of text and whose answers are compressed if the client accepts
    /// it.
    private func get(
        _ router: Router, _ path: String, _ handler: @escaping @Sendable (Request, String) async throws -> Response
    ) {
        router.get(path) { request, context in
            do {
                let response = try await handler(request, context.parameters["id"] ?? "")
                guard response.body.count > Self.maximumCompressedHere else { return response.compressed(for: request) }
                return try await store.database.work { response.compressed(for: request) }
            } catch let problem as Problem {
                return .text(problem.message, status: problem.status)
            } catch let error as TraceQL.QueryError {
                return .text("invalid TraceQL query: \(error)", status: .badRequest)
            } catch let error as QueryBudgetError where !error.isTimeout {
                return .text(error.description, status: .unprocessableContent)
            } catch let error where error is PocketDatabaseError || error is QueryBudgetError {
                context.logger.warning("a trace query failed", error: error)
                return .text("\(error)", status: .serviceUnavailable)
            }
        }
    }

    private func buildInformation() -> Response {
        .json { (json: inout JSONWriter) in
            json.object {
                $0.member("version", version)
                for name in ["revision", "branch", "buildUser", "buildDate", "goVersion"] { $0.member(name, "") }
            }
        }
    }

    // MARK: Traces

    /// A trace at any time: `start` and `end` are validated, but do not restrict the result.
    private func trace(_ request: Request, id text: String, isVersion2: Bool) async throws -> Response {
        let id = try Self.traceID(text)
        _ = try Self.range(request.queryParameters)
        let isProtobuf = request.headers[Header.accept]?.contains("application/protobuf") == true
        // Encoded on the reader: a trace may be large, and its bytes are charged like those of any answer.
        return try await store.database.read { database, budget in
            let trace = try id.flatMap {
                try StoredTrace.read($0, from: database, budget, contexts: StoredContexts())
            }
            if trace == nil, !isVersion2 { return Response(status: .notFound) }
            return try isProtobuf
                ? Self.protobuf(trace, isVersion2, budget) : Self.json(trace, isVersion2, budget)
        }
    }

    private static func protobuf(
        _ trace: StoredTrace?, _ isVersion2: Bool, _ budget: QueryBudget
    ) throws -> Response {
        var body = try trace?.protobuf(budget) ?? []
        if isVersion2 {
            var output = ByteWriter(capacity: body.count + 16)
            output.appendProtobuf(field: 1, size: body.count)
            output.append(contentsOf: body)
            output.appendProtobuf(field: 2, size: 0)
            body = output.bytes
        }
        return Response(headers: [Header.contentType: "application/protobuf"], body: body)
    }

    private static func json(_ trace: StoredTrace?, _ isVersion2: Bool, _ budget: QueryBudget) throws -> Response {
        try .json { json in
            try json.object { json in
                guard isVersion2 else {
                    json.name("batches")
                    try trace?.write(to: &json, budget)
                    return
                }
                json.name("trace")
                try json.object { json in
                    guard let trace else { return }
                    json.name("resourceSpans")
                    try trace.write(to: &json, budget)
                }
                json.name("metrics")
                json.object { _ in }
            }
        }
    }

    /// `nil` for the all-zero id, which no trace has.
    private static func traceID(_ text: String) throws -> TraceID? {
        let digits = text.lowercased()
        for (index, byte) in digits.utf8.enumerated() where Hex.value(byte) == nil {
            let character = digits[digits.utf8.index(digits.startIndex, offsetBy: index)]
            throw Problem(
                "trace IDs can only contain hex characters: invalid character '\(character)' at position \(index + 1)")
        }
        guard digits.utf8.count <= 32 else { throw Problem("trace IDs can't be larger than 128 bits") }
        return TraceID(padding: digits)
    }
}

extension Response {
    /// The response as gzip if the request accepts it and it is worthwhile.
    func compressed(for request: Request) -> Response {
        var response = self
        response.headers["vary"] = "Accept-Encoding"
        guard body.count > 1024, request.headers[Header.acceptEncoding]?.contains("gzip") == true,
            let compressed = try? Gzip.compress(body)  // The plain body does as well.
        else { return response }
        response.headers[Header.contentEncoding] = "gzip"
        response.body = compressed
        return response
    }
}
