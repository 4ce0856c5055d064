import Configuration
import Encoding
import EventLoop
import HTTP
import Logging
import Metrics
import ServiceLifecycle
import Tracing
import Vocabulary

/// A service's business code, as seen by the kit that runs it.
package protocol ServiceDefinition: Sendable {
    static var role: ServiceRole { get }
    /// Opens what the service needs, such as its database and its worker pool. Called on the service's loop.
    /// - Throws: ``ConfigurationError`` for an invalid setting.
    init(dependencies: ServiceDependencies) async throws
    func addRoutes(to router: Router)
    /// Workers that run beside the server. They are stopped once the server has drained.
    var backgroundServices: [any Service] { get }
    /// The checks that decide whether the service is ready.
    var readinessChecks: [ReadinessCheck] { get }
    /// Closes what `init` opened. Called after everything else has stopped.
    func close() async
}

/// The dependencies passed to a service.
package struct ServiceDependencies: Sendable {
    package var environment: Environment
    package var logger: Logger
    package var tracer: any Tracer
    package var metrics: any MetricsFactory
    package var httpClient: HTTPClient
    package var eventLoop: EventLoop
    package var clock: WallClock
    /// The directory of the service's database; `nil` keeps the database in memory.
    package var dataDirectory: String?
    /// The source of idempotency keys and ids.
    package var randomUInt64: @Sendable () -> UInt64
    /// The interceptors of the service's work.
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

/// A component that a service depends on, such as its database or an upstream.
package struct ReadinessCheck: Sendable {
    package var name: String
    /// Whether a failure makes the service unready. Evaluated after each probe.
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
