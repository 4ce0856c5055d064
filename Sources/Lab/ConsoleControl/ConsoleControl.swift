import Configuration
import Encoding
import EventLoop
import FaultControl
import HTTP
import Incidents
import Logging
import Replay
import Verification
import Vocabulary
import Workload

/// The part of the console that acts, under `/console/control`: sends requests and loads, sets faults, judges and replays
/// traces, plays incidents and grades answers. Whatever changes something passes ``ChangeGuard`` first.
///
/// | Route | Answer |
/// |---|---|
/// | `GET kinds` | what can go wrong, and how a rule is written |
/// | `GET faults` | the rules of all services, unless an incident hides them |
/// | `POST faults`, `DELETE faults`, `DELETE faults/{id}` | sets a rule, removes all, or one |
/// | `POST faults/check` | whether a text is a rule, what it does, and whom it would have hit |
/// | `POST send` | sends one request, and shows what went over the wire |
/// | `GET load`, `POST load`, `DELETE load` | how a load stands; starts one, stops it |
/// | `GET verdict/{trace}` | the rules of `verify`, as far as one trace can be judged by them |
/// | `POST replay/{trace}` | sends an earlier request again, and compares |
/// | `GET incidents`, `GET incidents/{name}` | all incidents; one, with its questions |
/// | `POST incidents/{name}/play`, `DELETE incidents/playing` | plays an incident, stops it |
/// | `POST incidents/{name}/hint`, `POST incidents/{name}/answers` | the next hint; grades an answer |
/// | `POST incidents/{name}/solutions` | gives up: settles all open questions, and says why each answer is right |
/// | `GET exercises`, `GET exercises/{name}` | the exercises of the workshop; one, as Markdown |
package struct ConsoleControl: Sendable {
    /// Where everything is that it works with.
    package struct Configuration: Sendable {
        /// The base URLs of the services.
        package var services: [ServiceRole: String]
        /// The folder of incidents.
        package var incidents: String
        /// The folder of the workshop's exercises.
        package var workshop: String
        /// Where each incident's last run is kept.
        package var runs: String
        /// Where the state of incidents is kept.
        package var data: String
        /// Further names of this machine, in lower case.
        package var allowedHosts: [String]
        /// Holds the tokens, `ADMIN_TOKEN` and `GATEWAY_TOKEN`.
        package var environment: Environment

        package init(
            services: [ServiceRole: String], incidents: String, workshop: String, runs: String, data: String,
            allowedHosts: [String] = [], environment: Environment
        ) {
            self.services = services.mapValues { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            self.incidents = incidents
            self.workshop = workshop
            self.runs = runs
            self.data = data
            self.allowedHosts = allowedHosts
            self.environment = environment
        }
    }

    /// The addresses of the stores beside the console, and its own.
    package struct Stores: Sendable {
        package var loki: String
        package var tempo: String
        /// OTLP over HTTP.
        package var otlp: String
        package var console: String

        package init(loki: String, tempo: String, otlp: String, console: String) {
            self.loki = loki
            self.tempo = tempo
            self.otlp = otlp
            self.console = console
        }
    }

    package static let prefix = "/console/control"

    private let access: ChangeGuard
    private let configuration: Configuration
    private let stores: @Sendable () -> Stores
    private let client: HTTPClient
    private let eventLoop: EventLoop
    private let logger: Logger
    private let traffic: Traffic
    private let load: Load
    private let incidents: PlayedIncidents
    private let fleet: FaultFleet

    /// - Parameters:
    ///   - stores: the addresses; asked for when they are needed, because ports may be assigned later.
    ///   - client: for questions to the services and the stores. Loads have a client of their own.
    package init(
        _ configuration: Configuration, stores: @escaping @Sendable () -> Stores, client: HTTPClient,
        eventLoop: EventLoop, logger: Logger
    ) {
        let token = configuration.environment.string(FaultControl.tokenVariable)
        let gatewayToken = configuration.environment.string("GATEWAY_TOKEN")
        self.configuration = configuration
        self.stores = stores
        self.client = client
        self.eventLoop = eventLoop
        self.logger = logger
        access = ChangeGuard(token: token, allowedNames: configuration.allowedHosts)
        traffic = Traffic(eventLoop: eventLoop) { stores().otlp }
        load = Load(
            gateway: configuration.services[.gateway] ?? "", token: gatewayToken, traffic: traffic, eventLoop: eventLoop
        )
        fleet = FaultFleet(
            configuration.services.mapValues {
                FaultControlClient(baseURL: $0, token: token, timeout: .seconds(2), client: client)
            })
        incidents = PlayedIncidents(
            PlayedIncidents.Surroundings(
                library: IncidentLibrary(folder: configuration.incidents), runsFolder: configuration.runs,
                urls: configuration.services, gatewayToken: gatewayToken, adminToken: token,
                stores: { IncidentPlay.Stores(loki: stores().loki, tempo: stores().tempo) }, fleet: fleet,
                traffic: traffic, client: client, eventLoop: eventLoop, logger: logger),
            store: SessionStore(path: configuration.data + "/console-incidents.json", logger: logger))
    }

    /// The incident whose faults must not be shown, for the pages that read; `nil` if there is none.
    package var concealedIncident: (name: String, title: String)? { incidents.concealed }

    /// Clears what a run left behind whose process ended before it.
    package func recover() async { await incidents.recover() }

    /// Stops what is under way, and clears its rules.
    package func shutdown() async {
        await load.shutdown()
        await incidents.shutdown()
        await traffic.shutdown()
    }

    // MARK: Routes

    package func addRoutes(to router: Router) {
        addFaults(to: router)
        addRequests(to: router)
        addIncidents(to: router)
        let exercises = Exercises(folder: configuration.workshop)
        get(router, "/exercises") { _, _ in exercises.list() }
        get(router, "/exercises/{name}") { _, context in try exercises.show(try context.parameters.require("name")) }
    }

    private func addFaults(to router: Router) {
        get(router, "/kinds") { _, _ in FaultCatalogue.response() }
        get(router, "/faults") { _, _ in await faults.state() }
        change(router, .post, "/faults/check") { request, _ in try await faults.check(request) }
        change(router, .post, "/faults", toItsEnd { request, _ in try await faults.add(request) })
        change(router, .delete, "/faults", toItsEnd { _, _ in try await faults.clear() })
        change(
            router, .delete, "/faults/{id}",
            toItsEnd { _, context in try await faults.remove(try context.parameters.require("id")) })
    }

    private func addRequests(to router: Router) {
        let load = load
        change(router, .post, "/send") { request, _ in try await sending.send(request) }
        get(router, "/load") { _, _ in load.response() }
        change(router, .post, "/load") { request, _ in try load.start(request) }
        change(router, .delete, "/load") { _, _ in await load.stop() }
        get(router, "/verdict/{trace}") { _, context in
            try await verdict.judge(try context.parameters.require("trace"))
        }
        change(router, .post, "/replay/{trace}") { _, context in
            try await replays.replay(try context.parameters.require("trace"))
        }
    }

    private func addIncidents(to router: Router) {
        let pages = IncidentPages(played: incidents)
        get(router, "/incidents") { _, _ in await pages.list() }
        get(router, "/incidents/{name}") { _, context in try pages.show(try context.parameters.require("name")) }
        change(router, .post, "/incidents/{name}/play") { request, context in
            try await pages.play(try context.parameters.require("name"), request)
        }
        change(router, .delete, "/incidents/playing") { _, _ in try await pages.stop() }
        change(router, .post, "/incidents/{name}/hint") { _, context in
            try pages.hint(try context.parameters.require("name"))
        }
        change(router, .post, "/incidents/{name}/solutions") { _, context in
            try await pages.giveUp(try context.parameters.require("name"))
        }
        change(router, .post, "/incidents/{name}/answers") { request, context in
            try await pages.answer(try context.parameters.require("name"), request)
        }
    }

    // MARK: Parts

    private var faults: Faults {
        Faults(fleet: fleet, preview: FaultPreview(tempo: tempo, loki: loki, clock: .system), incidents: incidents)
    }

    private var tempo: TempoClient { TempoClient(baseURL: stores().tempo, transport: client) }
    private var loki: LokiClient { LokiClient(baseURL: stores().loki, transport: client) }
    private var reader: TraceReader { TraceReader(tempo: tempo, loki: loki, clock: .monotonic(eventLoop)) }

    private var verdict: Verdict {
        Verdict(
            reader: reader, loki: loki, keys: LineKeys(console: stores().console, client: client), clock: .system)
    }

    private var sending: Sending {
        let gateway = configuration.services[.gateway] ?? ""
        return Sending(
            gateway: gateway, token: configuration.environment.string("GATEWAY_TOKEN"), traffic: traffic,
            journal: JournalClient(
                baseURL: gateway, token: configuration.environment.string(FaultControl.tokenVariable),
                transport: client),
            // Only cancellation ends a sleep early; then nobody waits for the answer.
            pause: { [eventLoop] in try? await eventLoop.sleep(for: $0) })
    }

    private var replays: Replays {
        Replays(
            urls: configuration.services, tempo: { stores().tempo }, environment: configuration.environment,
            client: client, eventLoop: eventLoop, traffic: traffic, reader: { reader }, incidents: incidents)
    }

    // MARK: Answers

    private typealias Handler = @Sendable (Request, RequestContext) async throws -> Response

    private func get(_ router: Router, _ path: String, _ handler: @escaping Handler) {
        router.get(Self.prefix + path) { request, context in
            try await answer(request, context, handler)
        }
    }

    private func change(_ router: Router, _ method: HTTPMethod, _ path: String, _ handler: @escaping Handler) {
        router.on(Self.prefix + path, method: method) { [access] request, context in
            if let refusal = access.refusal(of: request) { throw refusal }
            return try await answer(request, context, handler)
        }
    }

    /// In a task of its own: the server cancels a handler whose client went away, and half a change would be left.
    private func toItsEnd(_ handler: @escaping Handler) -> Handler {
        { [eventLoop] request, context in
            try await Task(executorPreference: eventLoop) { try await handler(request, context) }.value
        }
    }

    /// What a service or a store did not do is a bad gateway; everything else is as the handler says.
    private func answer(
        _ request: Request, _ context: RequestContext, _ handler: Handler
    ) async throws -> Response {
        do {
            var response = try await handler(request, context)
            response.headers[Header.cacheControl] = "no-store"
            response.headers[Header.contentTypeOptions] = "nosniff"
            return response
        } catch let error as BackendError {
            throw HTTPError(.badGateway, type: "store-unavailable", message: "\(error)")
        } catch let error as FaultFleet.NotRemoved {
            throw HTTPError(.badGateway, type: "service-unavailable", message: "\(error)")
        } catch let error as FaultControlError {
            throw HTTPError(.badGateway, type: "service-unavailable", message: "\(error)")
        }
    }
}
