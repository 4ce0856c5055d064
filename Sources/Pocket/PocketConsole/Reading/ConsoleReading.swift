import Encoding
import FaultControl
import FaultRules
import HTTP
import Logging
import PocketStore
import Vocabulary

/// The API from which the console's pages read, under `/console/api`: log lines, traces, figures, the services' state.
///
/// Answers are JSON. Times are nanoseconds since the Unix epoch, as text, because JavaScript's numbers do not hold them;
/// durations and offsets are numbers of nanoseconds. Errors are problem details (RFC 9457).
struct ConsoleReading: Sendable {
    /// What the reading API needs from its surroundings.
    struct Sources: Sendable {
        var traces: TraceStore
        var loki: any HTTPResponder
        /// Answers the paths of Tempo's API; `nil` where there is none.
        var tempo: (any HTTPResponder)?
        var client: HTTPClient
        /// The base URLs of the services.
        var services: [ServiceRole: String]
        var access: ConsoleAccess
        var clock: WallClock
    }

    static let prefix = "/console/api"

    let sources: Sources
    let health: SharedAnswer<[ServiceHealth.State]>
    let faults: SharedAnswer<ServiceFaults>
    let faultHistories: SharedAnswer<[[FaultPlanRecord]]>
    let counts: SharedAnswer<StoredCounts>

    /// How long an answer about the services, or the number of stored lines, serves all readers.
    private static let lifetime = Duration.seconds(1)

    init(_ sources: Sources) {
        self.sources = sources
        let health = ServiceHealth(client: sources.client, urls: sources.services)
        self.health = SharedAnswer(lifetime: Self.lifetime) { await health.states() }
        let clients = ServiceRole.allCases.compactMap { role in
            sources.services[role].map { url in
                FaultControlClient(
                    baseURL: url, token: sources.access.token, timeout: .milliseconds(800), client: sources.client)
            }
        }
        faults = SharedAnswer(lifetime: Self.lifetime) { await ServiceFaults(asking: clients) }
        faultHistories = SharedAnswer(lifetime: Self.lifetime) { await FaultChanges.histories(asking: clients) }
        let database = sources.traces.database
        counts = SharedAnswer(lifetime: Self.lifetime) { try await StoredCounts(database) }
    }

    var database: PocketDatabase { sources.traces.database }
    var now: UInt64 { sources.clock.now() }

    /// Adds all routes.
    func addRoutes(to router: Router) {
        get(router, "/state") { _, _ in try await state() }
        get(router, "/lines") { request, _ in try await lines(request) }
        get(router, "/around") { request, _ in try await around(request) }
        get(router, "/fields") { request, _ in try await fields(request) }
        get(router, "/traces") { request, _ in try await traces(request) }
        get(router, "/traces/dots") { request, _ in try await dots(request) }
        get(router, "/trace/{id}") { _, context in try await trace(try context.parameters.require("id")) }
        get(router, "/find") { request, _ in try await find(request) }
        get(router, "/overview") { request, _ in try await overview(request) }
        addMounts(to: router)
    }

    private func get(
        _ router: Router, _ path: String,
        _ handler: @escaping @Sendable (Request, RequestContext) async throws -> Response
    ) {
        router.get(Self.prefix + path) { request, context in
            do {
                var response = try await handler(request, context)
                response.headers[Header.cacheControl] = "no-store"
                response.headers[Header.contentTypeOptions] = "nosniff"
                return response
            } catch {
                let problem = ReadingProblem(error)
                if problem.status.isServerError { context.logger.warning("the console cannot read", error: error) }
                return problem.response(instance: request.path)
            }
        }
    }
}

/// What a console may do besides reading.
package struct ConsoleAccess: Sendable {
    /// Whether the pages can change something: whether the routes that do are there.
    package var canAct = false
    /// The services' `ADMIN_TOKEN`; not needed over loopback.
    package var token: String?
    /// The incident that is playing; `nil` if there is none.
    package var playing: @Sendable () async -> PlayingIncident? = { nil }

    /// An incident as the pages may show it.
    package struct PlayingIncident: Sendable, Equatable {
        package var title: String
        /// Whether its faults must not be shown.
        package var isHidden: Bool

        package init(title: String, isHidden: Bool) {
            self.title = title
            self.isHidden = isHidden
        }
    }

    package init() {}
}
