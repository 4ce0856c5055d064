import Encoding
import HTTP
import LogQL
import Metrics
import PocketStore
import QuerySupport
import Vocabulary

/// Loki's HTTP API over the pocket stack's log store: push, OTLP, queries, labels.
///
/// Formats and wording follow Loki 3.6. Features that the pocket stack lacks are rejected with 400 and an error that
/// names them.
package struct LokiAPI: Sendable {
    let database: PocketDatabase
    let store: LogStore
    let clock: WallClock
    let metrics: LogIntakeMetrics
    /// How long a query may take.
    let queryTimeout: Duration

    package init(
        database: PocketDatabase, clock: WallClock = .system, queryTimeout: Duration = .seconds(10),
        metrics: any MetricsFactory
    ) {
        self.database = database
        store = LogStore(database: database)
        self.clock = clock
        self.queryTimeout = queryTimeout
        self.metrics = LogIntakeMetrics(metrics)
    }

    package func addRoutes(to router: Router) {
        router.post("/loki/api/v1/push") { request, _ in await answer { try await push(request) } }
        router.post("/otlp/v1/logs") { request, _ in await pushOTLP(request) }

        both(router, "/loki/api/v1/query_range", queryRange)
        both(router, "/loki/api/v1/query", queryInstant)
        both(router, "/loki/api/v1/index/stats", indexStatistics)
        // The former paths of labels and series work too.
        for path in ["/loki/api/v1/labels", "/loki/api/v1/label", "/api/prom/label"] { both(router, path, labelNames) }
        for path in ["/loki/api/v1/series", "/api/prom/series"] { both(router, path, series) }
        for path in ["/loki/api/v1/label/{name}/values", "/api/prom/label/{name}/values"] {
            let values: @Sendable (Request, RequestContext) async -> Response = { request, context in
                await answer { try await labelValues(request, name: try context.parameters.require("name")) }
            }
            router.get(path, use: values)
            router.post(path, use: values)
        }

        router.get("/ready") { _, _ in .text("ready\n") }
        router.get("/loki/api/v1/status/buildinfo") { _, _ in buildInfo() }
        router.get("/loki/api/v1/tail") { _, _ in
            LokiResponses.error(
                "pocket stack: live tailing is not supported; ask /loki/api/v1/query_range again and again instead",
                status: .notImplemented)
        }
    }

    /// Loki reads a query's parameters from the URL or from a form.
    private func both(
        _ router: Router, _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        router.get(path) { request, _ in await answer { try await handler(request) } }
        router.post(path) { request, _ in
            await answer {
                guard request.body.count <= LokiParameters.maximumForm else {
                    throw HTTPError(
                        .contentTooLarge,
                        message: "the parameters take \(request.body.count) bytes, more than "
                            + "\(LokiParameters.maximumForm)")
                }
                return try await handler(request)
            }
        }
    }

    private func buildInfo() -> Response {
        var json = JSONWriter()
        json.object {
            $0.member("version", "3.6.0")
            $0.member("revision", "")
            $0.member("branch", "pocket-stack")
            $0.member("buildUser", "")
            $0.member("buildDate", "")
            $0.member("goVersion", "")
        }
        return Response(headers: [Header.contentType: "application/json"], body: json.bytes)
    }

    /// Converts errors to Loki's plain-text answers.
    func answer(_ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch {
            let status: HTTPStatus =
                switch error {
                case is LogQLError, is LogQueryError, is LokiParameterError, is PushRequest.Problem: .badRequest
                case QueryBudgetError.timedOut: .serviceUnavailable
                case is QueryBudgetError: .unprocessableContent
                case PocketDatabaseError.busy, is TooManyStreams: .tooManyRequests
                case PocketDatabaseError.closed: .serviceUnavailable
                case let error as HTTPError: error.status
                default: .internalServerError
                }
            let message = (error as? HTTPError)?.message ?? String(describing: error)
            return LokiResponses.error(message, status: status)
        }
    }
}
