import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import ServiceLifecycle
import Tracing

/// A service's business code, as the kit that runs it sees it.
package protocol ServiceDefinition: Sendable {
    /// Which service it is.
    static var role: ServiceRole { get }
    /// Opens what the service needs (its database, its worker pool); called on the service's loop.
    /// - Throws: ``ConfigurationError`` for a setting that cannot be used.
    init(dependencies: ServiceDependencies) async throws
    /// Adds the service's own routes.
    func addRoutes(to router: Router)
    /// Workers that run beside the server; told to stop once it has drained.
    var backgroundServices: [any Service] { get }
    /// What must work for the service to be ready.
    var readinessChecks: [ReadinessCheck] { get }
    /// Closes what `init` opened, after everything else has stopped.
    func close() async
}

/// What a service is given.
package struct ServiceDependencies: Sendable {
    package var environment: Environment
    package var logger: Logger
    package var tracer: any Tracer
    package var metrics: any MetricsFactory
    package var httpClient: HTTPClient
    package var eventLoop: EventLoop
    package var clock: WallClock
    /// The folder of the service's database; `nil` keeps it in memory.
    package var dataDirectory: String?
    /// Makes idempotency keys and ids.
    package var randomUInt64: @Sendable () -> UInt64
    /// Who sees what the service does.
    package var interceptors: ServiceInterceptors

    package init(
        environment: Environment, logger: Logger, tracer: any Tracer, metrics: any MetricsFactory,
        httpClient: HTTPClient, eventLoop: EventLoop, clock: WallClock = .system, dataDirectory: String? = nil,
        randomUInt64: @escaping @Sendable () -> UInt64, interceptors: ServiceInterceptors = ServiceInterceptors()
    ) {
        self.interceptors = interceptors
        self.environment = environment
        self.logger = logger
        self.tracer = tracer
        self.metrics = metrics
        self.httpClient = httpClient
        self.eventLoop = eventLoop
        self.clock = clock
        self.dataDirectory = dataDirectory
        self.randomUInt64 = randomUInt64
    }
}

/// One component that a service needs, such as its database or an upstream.
package struct ReadinessCheck: Sendable {
    /// The component's name.
    package var name: String
    /// Whether the service is unready while it fails; asked after each probe.
    package var isRequired: @Sendable () -> Bool
    /// Throws if the component does not work.
    package var check: @Sendable () async throws -> Void

    package init(
        name: String, isRequired: @escaping @Sendable () -> Bool, check: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.isRequired = isRequired
        self.check = check
    }

    package init(name: String, isRequired: Bool = true, check: @escaping @Sendable () async throws -> Void) {
        self.init(name: name, isRequired: { isRequired }, check: check)
    }
}
