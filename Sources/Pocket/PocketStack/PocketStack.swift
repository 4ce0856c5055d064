import Encoding
import EventLoop
import FileSystem
import HTTP
import Logging
import Metrics
import PocketAPI
import PocketConsole
import PocketStore
import SQLite
import ServiceLifecycle
import Synchronization

/// One process in the roles of Promtail, Loki, Tempo and Grafana: it follows the log files, receives spans over OTLP,
/// serves Loki's and Tempo's HTTP APIs and shows both on a console. Each role has its own port; all share one loop.
package final class PocketStack: Service {
    private let configuration: PocketConfiguration
    private let eventLoop: EventLoop
    private let logger: Logger
    private let metrics: any MetricsFactory
    private let clock: WallClock
    private let actions: ConsoleActions.Make?
    private let exposition: @Sendable (Request) -> Response

    /// What exists between ``start()`` and ``shutdown()``.
    private struct Parts {
        var database: PocketDatabase
        var client: HTTPClient
        var servers: [(role: Role, server: HTTPServer)]
        var workers: ServiceGroup
        var work: Task<Void, any Error>
        var actions: ConsoleActions?
    }

    private enum State {
        case idle
        case starting
        case running(Parts)
        case stopped
    }
    private let state = Mutex(State.idle)

    private enum Role: String {
        case loki = "Loki", tempo = "Tempo", otlpHTTP = "OTLP/HTTP", console = "the console"

        /// The variable that sets the port.
        var variable: String {
            switch self {
            case .loki: "LOKI_PORT"
            case .tempo: "TEMPO_PORT"
            case .otlpHTTP: "OTLP_HTTP_PORT"
            case .console: "CONSOLE_PORT"
            }
        }
    }

    /// Creates a stack without starting it.
    /// - Parameters:
    ///   - actions: makes what the console can do besides reading; without it, it only reads.
    ///   - exposition: answers `/metrics` on the console's port.
    package init(
        configuration: PocketConfiguration, eventLoop: EventLoop, logger: Logger, metrics: any MetricsFactory,
        clock: WallClock = .system, actions: ConsoleActions.Make? = nil,
        exposition: @escaping @Sendable (Request) -> Response = { _ in Response(status: .notFound) }
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.metrics = metrics
        self.clock = clock
        self.actions = actions
        self.exposition = exposition
    }

    /// Opens the database and listens on all ports, or on none.
    /// - Throws: ``PocketStackError`` if a port is taken or the database cannot be opened.
    package func start() async throws {
        let isFirst = state.withLock { state in
            guard case .idle = state else { return false }
            state = .starting
            return true
        }
        guard isFirst else { throw PocketStackError(description: "the pocket stack was started before") }
        do {
            let parts = try await makeParts()
            state.withLock { $0 = .running(parts) }
        } catch {
            state.withLock { $0 = .stopped }
            throw error
        }
        let ports = ports
        logger.info(
            "pocket stack started",
            metadata: [
                "loki_port": "\(ports.loki)", "tempo_port": "\(ports.tempo)", "otlp_http_port": "\(ports.otlpHTTP)",
                "console_port": "\(ports.console)", "database": "\(configuration.database)",
            ])
    }

    /// The ports in use after the start; before it, the configured ones.
    package var ports: PocketPorts {
        state.withLock { state in
            guard case .running(let parts) = state else { return configuration.ports }
            var ports = configuration.ports
            for (role, server) in parts.servers {
                switch role {
                case .loki: ports.loki = server.port
                case .tempo: ports.tempo = server.port
                case .otlpHTTP: ports.otlpHTTP = server.port
                case .console: ports.console = server.port
                }
            }
            return ports
        }
    }

    /// Starts if necessary, serves until graceful shutdown or cancellation, then shuts down.
    /// - Throws: what ``start()`` throws; the error of a worker that ended early.
    package func run() async throws {
        if case .idle = state.withLock({ $0 }) { try await start() }
        guard case .running(let parts) = state.withLock({ $0 }) else { return }
        let result: Result<Void, any Error>
        do {
            try await cancelWhenGracefulShutdown { try await Self.wait(for: parts.work) }
            result = .success(())
        } catch is CancellationError {
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await shutdown()
        try result.get()
    }

    /// Waits for the workers, or for the cancellation of the caller's task, which does not cancel the workers.
    private static func wait(for work: Task<Void, any Error>) async throws {
        let (ended, continuation) = AsyncStream<Never>.makeStream()
        let watcher = Task {
            // The error is read below.
            _ = await work.result
            continuation.finish()
        }
        for await _ in ended {}
        watcher.cancel()
        try Task.checkCancellation()
        try await work.value
    }

    /// Stops accepting, answers pending requests, stores what was accepted and what is left in the log files, and
    /// closes the database. Only the first call does anything.
    package func shutdown() async {
        let parts: Parts? = state.withLock { state in
            guard case .running(let parts) = state else { return nil }
            state = .stopped
            return parts
        }
        guard let parts else { return }
        // First: what it ends still asks the others, and sends its spans here.
        await parts.actions?.shutdown()
        await withTaskGroup { group in
            for (_, server) in parts.servers { group.addTask { await server.shutdown() } }
        }
        await parts.workers.triggerGracefulShutdown()
        do {
            try await parts.work.value
        } catch {
            logger.warning("a worker of the pocket stack failed", error: error)
        }
        await parts.client.shutdown()
        await parts.database.close()
        logger.info("pocket stack stopped")
    }

    // MARK: Composition

    private func makeParts() async throws -> Parts {
        let database = try await openDatabase()
        let client = HTTPClient(eventLoop: eventLoop)
        let actions = actions?(
            ConsoleActions.Surroundings(
                client: client, eventLoop: eventLoop, logger: logger,
                ports: { [weak self, configuration] in self?.ports ?? configuration.ports }))
        var servers: [(role: Role, server: HTTPServer)] = []
        do {
            for (role, port, router) in routers(database, client, actions) {
                var options = HTTPServer.Configuration()
                options.host = configuration.host
                options.port = port
                options.maximumBodySize = role == .console || role == .tempo ? 1 << 20 : OTLPReceiver.maximumBodySize
                let server = HTTPServer(
                    configuration: options, responder: router.buildResponder(), eventLoop: eventLoop, logger: logger)
                try await start(server, role, port)
                servers.append((role, server))
            }
            let tailer = try LogTailer(
                database: database, configuration: .init(directory: configuration.logDirectory), clock: clock,
                eventLoop: eventLoop, logger: logger, metrics: metrics)
            let workers = ServiceGroup(services: [UntilShutdown(service: retention(database)), tailer])
            let work = Task(executorPreference: eventLoop) { try await workers.run() }
            return Parts(
                database: database, client: client, servers: servers, workers: workers, work: work, actions: actions)
        } catch {
            await actions?.shutdown()
            for (_, server) in servers { await server.shutdown() }
            await client.shutdown()
            await database.close()
            throw error
        }
    }

    private func openDatabase() async throws -> PocketDatabase {
        do {
            try Folder.makeParents(of: configuration.database)
            var options = PocketDatabase.Configuration()
            options.walBytes = SizeLimiter.walBytes(for: configuration.maximumBytes)
            options.limiter = SizeLimiter(
                tables: Self.retained, maximumBytes: configuration.maximumBytes, metrics: metrics)
            return try await PocketDatabase.open(
                path: configuration.database, components: [LogSchema.component, TraceStore.component],
                configuration: options)
        } catch {
            throw PocketStackError(description: "cannot open the database \(configuration.database): \(error)")
        }
    }

    private func start(_ server: HTTPServer, _ role: Role, _ port: Int) async throws {
        do {
            try await server.start()
        } catch let error as HTTPServerError {
            let advice = error.addressInUse ? "; stop what uses the port or choose another with \(role.variable)" : ""
            throw PocketStackError(
                description: "cannot listen on \(configuration.host):\(port) for \(role.rawValue): \(error)\(advice)")
        }
    }

    private func routers(
        _ database: PocketDatabase, _ client: HTTPClient, _ actions: ConsoleActions?
    ) -> [(Role, Int, Router)] {
        let store = TraceStore(database: database)
        let (loki, tempo, otlp, console) = (Router(), Router(), Router(), Router())
        let hosts = HostCheck(boundTo: configuration.host, allowed: configuration.allowedHosts)
        for router in [loki, tempo, otlp, console] { router.add(middleware: hosts) }
        LokiAPI(database: database, clock: clock, metrics: metrics).addRoutes(to: loki)
        TempoAPI(store: store, clock: clock).addRoutes(to: tempo)
        OTLPReceiver(store: store, metrics: metrics).addRoutes(to: otlp)
        var access = ConsoleAccess()
        access.token = configuration.adminToken
        if let actions {
            access.canAct = true
            access.playing = { actions.concealedIncident().map { .init(title: $0, isHidden: true) } }
        }
        Console(
            traces: store, loki: loki.buildResponder(), tempo: tempo.buildResponder(), client: client,
            services: configuration.services, access: access, clock: clock, files: configuration.consoleFiles
        ).addRoutes(to: console)
        actions?.addRoutes(console)
        console.get("/healthz") { _, _ in .text("ok\n") }
        console.get("/readyz") { _, _ in
            // On the writer: all readers may be busy with long queries.
            _ = try await database.write { database in try database.first("SELECT 1") { $0.int64(0) } }
            return .text("ready\n")
        }
        let exposition = exposition
        console.get("/metrics") { request, _ in exposition(request) }
        let ports = configuration.ports
        return [
            (.loki, ports.loki, loki), (.tempo, ports.tempo, tempo), (.otlpHTTP, ports.otlpHTTP, otlp),
            (.console, ports.console, console),
        ]
    }

    private static let retained = [LogSchema.retention, TraceStore.retained]

    private func retention(_ database: PocketDatabase) -> PocketRetention {
        var options = PocketRetention.Configuration()
        options.maximumAge = configuration.maximumAge
        options.maximumBytes = configuration.maximumBytes
        return PocketRetention(
            database: database, tables: Self.retained, configuration: options, clock: clock, eventLoop: eventLoop,
            logger: logger, metrics: metrics)
    }
}

/// On graceful shutdown, cancels a service that does not support it.
private struct UntilShutdown: Service {
    let service: any Service

    func run() async throws {
        let service = service
        do {
            try await cancelWhenGracefulShutdown { try await service.run() }
        } catch is CancellationError {
            // Expected.
        }
    }
}
