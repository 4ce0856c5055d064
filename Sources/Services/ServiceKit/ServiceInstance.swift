import Contracts
import Encoding
import EventLoop
import FaultControl
import FaultHooks
import FaultRules
import HTTP
import Logging
import ServiceLifecycle
import Vocabulary

/// A fully assembled service: telemetry, routes behind the standard middleware, server and workers.
package final class ServiceInstance: Service {
    package let telemetry: Telemetry
    package let readiness: Readiness
    private let definition: any ServiceDefinition
    private let server: HTTPServer
    private let upstreamClient: HTTPClient
    private let configuration: ServiceConfiguration
    private let eventLoop: EventLoop
    private let deadline: ShutdownDeadline
    /// The routes behind the standard middleware. Answers without a socket, for tests.
    package let responder: any HTTPResponder
    /// The routes it answers, each as `METHOD template`.
    package let routes: [String]

    /// Opens the service's database and other resources. Call it on `eventLoop`.
    /// - Throws: ``ConfigurationError``, or any error thrown by the service's own initialiser.
    package init(
        _ type: any ServiceDefinition.Type, configuration: ServiceConfiguration, eventLoop: EventLoop,
        clock: WallClock = .system, overrides: Telemetry.Overrides = Telemetry.Overrides(),
        random: SplitMix64 = SplitMix64()
    ) async throws {
        self.configuration = configuration
        self.eventLoop = eventLoop
        deadline = ShutdownDeadline(timeout: configuration.shutdownTimeout)
        let randomUInt64: @Sendable () -> UInt64 = { random.next() }
        telemetry = try Telemetry(
            configuration: configuration, eventLoop: eventLoop, deadline: deadline, clock: clock, overrides: overrides)
        upstreamClient = HTTPClient(eventLoop: eventLoop)
        definition = try await type.init(
            dependencies: ServiceDependencies(
                environment: configuration.environment, logger: telemetry.logger, tracer: telemetry.tracer,
                metrics: telemetry.metrics, httpClient: upstreamClient, eventLoop: eventLoop, clock: clock,
                dataDirectory: configuration.dataDirectory, randomUInt64: randomUInt64,
                interceptors: ServiceInterceptors(faults: telemetry.faults, eventLoop: eventLoop)))
        readiness = Readiness(checks: definition.readinessChecks)
        let router = Self.router(definition, telemetry, readiness, configuration, clock, randomUInt64)
        routes = router.table
        responder = router.buildResponder()
        server = HTTPServer(
            configuration: configuration.server, responder: responder, eventLoop: eventLoop, logger: telemetry.logger,
            metrics: telemetry.metrics)
    }

    /// Binds the port and starts to answer. `/readyz` returns 503 until ``run()``.
    /// - Throws: ``HTTPServerError`` if the address cannot be bound.
    package func start() async throws { try await server.start() }

    /// Closes everything when ``run()`` was never called; ``run()`` does this itself.
    package func close() async {
        await server.shutdown()
        await upstreamClient.shutdown()
        await definition.close()
        await telemetry.shutdown()
    }

    /// The service's own routes and the common ones, behind the standard middleware.
    private static func router(
        _ definition: any ServiceDefinition, _ telemetry: Telemetry, _ readiness: Readiness,
        _ configuration: ServiceConfiguration, _ clock: WallClock, _ randomUInt64: @escaping @Sendable () -> UInt64
    ) -> Router {
        let router = Router()
        let prepareFaults = FaultIngress.preparation(telemetry.faults)
        var prepare = prepareFaults
        if configuration.role == .gateway {
            let journal = RequestJournal(capacity: configuration.journalSize, injector: telemetry.faults, clock: clock)
            JournalRoutes(journal: journal, access: AdminAccess(token: configuration.faults.adminToken))
                .add(to: router)
            if journal.capacity > 0 {
                prepare = { request, context, span, current in
                    prepareFaults(request, context, span, &current)
                    journal.follow(request, context, current)
                }
            }
        }
        router.add(
            middleware: ObservabilityMiddleware(
                tracer: telemetry.tracer, metrics: telemetry.metrics,
                quietRoutes: FaultRoutes.templates.union(JournalRoutes.templates).union([
                    HealthRoutes.alive, HealthRoutes.ready, MetricsRoutes.path,
                ]),
                randomUInt64: randomUInt64, prepare: prepare))
        router.add(middleware: ContentCodingMiddleware())
        // Installed only if requests may carry rules, so that others do not pay for it.
        if configuration.faults.injector.acceptsFromRequests {
            router.add(middleware: FaultIngress(injector: telemetry.faults))
        }
        let faults = FaultReadiness(injector: telemetry.faults)
        HealthRoutes(
            service: configuration.serviceName, version: configuration.version, readiness: readiness,
            failures: { faults.failures }, writeMore: { faults.write(to: &$0) }
        ).add(to: router)
        MetricsRoutes(metrics: telemetry.metrics).add(to: router)
        FaultRoutes(injector: telemetry.faults, access: AdminAccess(token: configuration.faults.adminToken))
            .add(to: router)
        definition.addRoutes(to: router)
        router.add(middleware: FaultMiddleware(injector: telemetry.faults))
        return router
    }

    package var port: Int { server.port }

    /// Serves until graceful shutdown. The shutdown takes these steps in order, all within the shutdown timeout: mark
    /// the service not ready, refuse new connections, finish requests in flight, stop the workers, close the database,
    /// flush spans and log lines.
    package func run() async throws {
        try await start()
        let stages: [any Service] =
            [telemetry, punctual(Closer(definition: definition, client: upstreamClient))]
            + definition.backgroundServices.map(punctual)
            + [ReadyServer(server: server, readiness: readiness, logger: telemetry.logger)]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: stages, gracefulShutdownSignals: []))
        try await withGracefulShutdownHandler {
            try await group.run()
        } onGracefulShutdown: {
            self.deadline.begin()
            Task { await group.triggerGracefulShutdown() }
        }
    }

    private func punctual(_ service: any Service) -> any Service {
        let (logger, name) = (telemetry.logger, String(describing: type(of: service)))
        return PunctualService(service: service, deadline: deadline, eventLoop: eventLoop) {
            logger.warning(
                "something has not stopped in time and is left behind", metadata: ["part": .string(name)])
        }
    }
}

/// Marks the service ready when the server runs, and not ready before it drains.
private struct ReadyServer: Service {
    let server: HTTPServer
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        logger.info("listening", metadata: ["port": .integer(Int64(server.port))])
        readiness.phase = .running
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            readiness.phase = .draining
        }
        logger.info("drained", metadata: ["in_flight": .integer(Int64(server.requestsInFlight))])
    }
}

/// Closes the service's resources once nothing uses them any more.
private struct Closer: Service {
    let definition: any ServiceDefinition
    let client: HTTPClient

    func run() async throws {
        do { try await gracefulShutdown() } catch is CancellationError {}
        await client.shutdown()
        await definition.close()
    }
}
