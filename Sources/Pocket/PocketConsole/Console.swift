import Encoding
import HTTP
import PocketStore
import QuerySupport
import TraceContext
import TraceQL
import Vocabulary

/// The web console's pages. Scripts build them from ``ConsoleAssets`` and the console's own API; what can be read without
/// scripts is rendered here. Nothing is fetched from elsewhere.
package struct Console: Sendable {
    private let traces: TraceStore
    private let logs: ConsoleLogs
    private let health: ServiceHealth
    private let clock: WallClock
    private let assets: ConsoleAssets
    private let reading: ConsoleReading

    /// Creates the console over `traces` and the log lines of `loki`; `client` is used to ask `services` for their
    /// state. `tempo` answers the paths of Tempo's API, and `access` says what the pages may do.
    /// - Parameter files: a folder to serve scripts and style sheets from, instead of those in the program.
    package init(
        traces: TraceStore, loki: any HTTPResponder, tempo: (any HTTPResponder)? = nil, client: HTTPClient,
        services: [ServiceRole: String], access: ConsoleAccess = ConsoleAccess(), clock: WallClock = .system,
        files: String? = nil
    ) {
        assets = ConsoleAssets(folder: files)
        self.traces = traces
        logs = ConsoleLogs(loki: loki, database: traces.database)
        health = ServiceHealth(client: client, urls: services)
        self.clock = clock
        reading = ConsoleReading(
            .init(
                traces: traces, loki: loki, tempo: tempo, client: client, services: services, access: access,
                clock: clock))
    }

    /// Adds the pages, and `/api/health` as in Grafana.
    package func addRoutes(to router: Router) {
        reading.addRoutes(to: router)
        router.get("/") { _, context in await home(context) }
        router.get("/traces") { request, context in await tracesPage(request, context) }
        router.get("/logs") { request, context in await logsPage(request, context) }
        router.get("/trace/{id}") { _, context in try await tracePage(context) }
        for path in [
            "/send", "/faults", "/incidents", "/incidents/{name}", "/exercises", "/exercises/{name}", "/compare",
        ] {
            router.get(path) { _, _ in Self.scripted() }
        }
        assets.addRoutes(to: router)
        router.get("/api/health") { _, _ in
            .json { (json: inout JSONWriter) in
                json.object {
                    $0.member("database", "ok")
                    $0.member("version", "pocket")
                }
            }
        }
    }

    /// A page where something is pressed, which needs scripts.
    private static func scripted() -> Response {
        ConsolePage(
            title: "Tailspan",
            content: """
                <h1>This page needs scripts</h1>
                <p>Log lines and traces can be read without: see <a href="/logs">Logs</a> and <a href="/traces">Traces</a>. \
                The command <code>tailspan</code> does what this page does.</p>
                """
        ).response()
    }

    // MARK: Pages

    private func home(_ context: RequestContext) async -> Response {
        async let states = health.states()
        async let recent = traceTable("{}", limit: 10)
        async let lines = logTable(LogStreams.all, limit: 15, context)
        let cards = await states.map { state -> HTML in
            """
            <li class="\(state.isReady ? "ready" : "down")"><b>\(state.role.rawValue)</b>
            <small>\(state.url)<br>\(state.detail)</small></li>
            """
        }
        let content: HTML = """
            <h1>Overview</h1>
            <ul class="cards" aria-label="Services">\(cards)</ul>
            <h2><a href="/traces">Recent traces</a></h2>
            \(Self.traceForm("", limit: 20))\(await recent)
            <h2><a href="/logs">Recent log lines</a></h2>
            \(Self.logForm("", limit: 100))\(await lines)
            """
        return ConsolePage(title: "Overview", section: "/", content: content).response()
    }

    private func tracesPage(_ request: Request, _ context: RequestContext) async -> Response {
        let (query, limit) = Self.query(request, defaultLimit: 20)
        if let digits = TracePrefix(query) {
            return await found(digits, section: "/traces", Self.traceForm(query, limit: limit))
        }
        let content: HTML = """
            <h1>Traces</h1>
            \(Self.traceForm(query, limit: limit))\(await traceTable(query.isEmpty ? "{}" : query, limit: limit))
            """
        return ConsolePage(title: "Traces", section: "/traces", content: content).response()
    }

    private func logsPage(_ request: Request, _ context: RequestContext) async -> Response {
        let (query, limit) = Self.query(request, defaultLimit: 100)
        if let digits = TracePrefix(query) {
            return await found(digits, section: "/logs", Self.logForm(query, limit: limit))
        }
        let content: HTML = """
            <h1>Log lines</h1>
            \(Self.logForm(query, limit: limit))
            \(await logTable(query.isEmpty ? LogStreams.all : query, limit: limit, context))
            """
        return ConsolePage(title: "Log lines", section: "/logs", content: content).response()
    }

    private func tracePage(_ context: RequestContext) async throws -> Response {
        let text = try context.parameters.require("id")
        do {
            if let id = TraceID(padding: text), let page = try await tracePage(of: id, context) { return page }
            if let digits = TracePrefix(text), let only = try await traces.traceIDs(digits, limit: 2).only {
                return Self.redirect(to: only)
            }
        } catch {
            let status: HTTPStatus =
                switch error {
                case QueryBudgetError.timedOut: .serviceUnavailable
                case is QueryBudgetError: .unprocessableContent
                case PocketDatabaseError.busy: .tooManyRequests
                case is PocketDatabaseError: .serviceUnavailable
                default: .internalServerError
                }
            let content: HTML = "<h1>Trace \(text)</h1>\(ConsoleParts.problem(Self.message(of: error)))"
            return ConsolePage(title: "Trace", content: content).response(status: status)
        }
        let content: HTML = """
            <h1>No such trace</h1>
            \(ConsoleParts.empty("There is no trace \(text). It may not have arrived yet, or be too old."))
            """
        return ConsolePage(title: "No such trace", content: content).response(status: .notFound)
    }

    private func tracePage(of id: TraceID, _ context: RequestContext) async throws -> Response? {
        guard let extent = try await traces.extent(of: id) else { return nil }
        // Lines may lie slightly outside of their trace, which may have begun before its first received span.
        let margin: UInt64 = 300_000_000_000
        let range = extent.lowerBound.minus(margin)...extent.upperBound.plus(margin)
        var lines: [ConsoleLogLine] = []
        var problem: String?
        do {
            lines = try await logs.lines(of: id, range: range, logger: context.logger)
        } catch {
            problem = Self.message(of: error)
        }
        // Rendered on the reader, because a trace may be large: so it is not buffered in memory and does not block
        // others.
        return try await traces.database.read { [lines, problem] database, budget in
            try StoredTrace.read(id, from: database, budget, contexts: StoredContexts()).map {
                TracePage($0, lines: lines, problem: problem).page.response()
            }
        }
    }

    /// Redirects to the trace whose id has the prefix, or lists all matching ids.
    private func found(_ digits: TracePrefix, section: String, _ form: HTML) async -> Response {
        let answer: HTML
        do {
            let ids = try await traces.traceIDs(digits, limit: Self.maximumCandidates + 1)
            if let only = ids.only { return Self.redirect(to: only) }
            if ids.isEmpty {
                answer = ConsoleParts.empty(
                    "There is no trace whose id begins with \(digits.text). It may not have arrived yet, or be too old."
                )
            } else {
                let links = ids.prefix(Self.maximumCandidates).map { id -> HTML in
                    "<li><a href=\"/trace/\(id.description)\"><code>\(id.description)</code></a></li>"
                }
                let more: HTML = ids.count > Self.maximumCandidates ? "<li>and more</li>" : .empty
                answer = "<p>Several traces have ids that begin so:</p><ul>\(links)\(more)</ul>"
            }
        } catch {
            answer = ConsoleParts.problem(Self.message(of: error))
        }
        let content: HTML = "<h1>Find a trace</h1>\(form)\(answer)"
        return ConsolePage(title: "Find a trace", section: section, content: content).response()
    }

    private static let maximumCandidates = 20

    private static func redirect(to trace: TraceID) -> Response {
        Response(status: HTTPStatus(code: 303), headers: [Header.location: "/trace/\(trace.description)"])
    }

    // MARK: Parts

    private static func query(_ request: Request, defaultLimit: Int) -> (query: String, limit: Int) {
        let parameters = request.queryParameters
        let limit = parameters["limit"].flatMap { Int($0) } ?? defaultLimit
        return (parameters["query"] ?? parameters["q"] ?? "", min(max(limit, 1), 1000))
    }

    private static func traceForm(_ query: String, limit: Int) -> HTML {
        ConsoleParts.searchForm(
            action: "/traces", label: "TraceQL", name: "traceql", query: query,
            example: "{ resource.service.name = \"payments\" && status = error }", limit: limit)
    }

    private static func logForm(_ query: String, limit: Int) -> HTML {
        ConsoleParts.searchForm(
            action: "/logs", label: "LogQL", name: "logql", query: query,
            example: #"{service="gateway"} |= "failed" | json"#, limit: limit)
    }

    private func traceTable(_ text: String, limit: Int) async -> HTML {
        do {
            var request = TraceSearchRequest(query: try TraceQL.parse(text))
            request.limit = limit
            return TraceList.table(try await traces.search(request))
        } catch {
            return ConsoleParts.problem(Self.message(of: error))
        }
    }

    private func logTable(_ query: String, limit: Int, _ context: RequestContext) async -> HTML {
        do {
            let lines = try await logs.lines(query, limit: limit, logger: context.logger)
            if lines.isEmpty {
                return ConsoleParts.empty(
                    "No log lines yet. The services write some when they are asked for something.")
            }
            return ConsoleLogRows.table(ConsoleLogRows.rows(lines))
        } catch {
            return ConsoleParts.problem(Self.message(of: error))
        }
    }

    private static func message(of error: any Error) -> String {
        switch error {
        case let problem as ConsoleLogs.Problem: problem.message
        case let error as HTTPError: error.message
        default: String(describing: error)
        }
    }
}
