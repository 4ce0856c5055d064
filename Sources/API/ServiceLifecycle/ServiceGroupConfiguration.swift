/// The services of a ``ServiceGroup``, and when it stops.
public struct ServiceGroupConfiguration: Sendable {
    /// How the end of one service affects the others.
    public enum TerminationBehavior: Sendable {
        /// The others are cancelled.
        case cancelGroup
        /// The others are shut down gracefully.
        case gracefullyShutdownGroup
        /// The others continue.
        case ignore
    }

    /// One service of the group.
    public struct ServiceConfiguration: Sendable {
        /// The service.
        public var service: any Service
        /// What happens if the service returns without being asked to stop.
        public var successTerminationBehavior: TerminationBehavior
        /// What happens if the service throws.
        public var failureTerminationBehavior: TerminationBehavior

        /// Creates the configuration of one service.
        public init(
            service: any Service, successTerminationBehavior: TerminationBehavior = .gracefullyShutdownGroup,
            failureTerminationBehavior: TerminationBehavior = .gracefullyShutdownGroup
        ) {
            self.service = service
            self.successTerminationBehavior = successTerminationBehavior
            self.failureTerminationBehavior = failureTerminationBehavior
        }
    }

    /// The services in start order. They are stopped in reverse order, one after another, so put what others depend on
    /// first: telemetry first, the server last.
    public var services: [ServiceConfiguration]
    /// The signals that begin graceful shutdown. A second signal during shutdown cancels what is still running; the
    /// third ends the process.
    public var gracefulShutdownSignals: [UnixSignal]
    /// The signals that cancel all services at once.
    public var cancellationSignals: [UnixSignal]
    /// Receives the group's events. May be called from any thread.
    public var logger: @Sendable (ServiceGroupEvent) -> Void
    /// The time limit of a graceful shutdown, after which everything still running is cancelled; `nil` for no limit.
    public var maximumGracefulShutdownDuration: Duration?
    /// The source of signals: the system, or a test's own stream.
    public var signalSource: @Sendable ([UnixSignal]) -> UnixSignalsSequence
    /// Suspends; throws if the task is cancelled. An event loop's timer avoids the threads behind `Task.sleep`.
    public var sleep: @Sendable (Duration) async throws -> Void

    /// Creates a configuration.
    public init(
        services: [ServiceConfiguration], gracefulShutdownSignals: [UnixSignal] = [],
        cancellationSignals: [UnixSignal] = [], logger: @escaping @Sendable (ServiceGroupEvent) -> Void = { _ in }
    ) {
        self.services = services
        self.gracefulShutdownSignals = gracefulShutdownSignals
        self.cancellationSignals = cancellationSignals
        self.logger = logger
        maximumGracefulShutdownDuration = nil
        signalSource = { UnixSignalsSequence(trapping: $0, terminatingAt: 3) }
        sleep = { try await Task.sleep(for: $0) }
    }

    /// Creates a configuration in which the end of any service stops all others.
    public init(
        services: [any Service], gracefulShutdownSignals: [UnixSignal] = [], cancellationSignals: [UnixSignal] = [],
        logger: @escaping @Sendable (ServiceGroupEvent) -> Void = { _ in }
    ) {
        self.init(
            services: services.map { ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: gracefulShutdownSignals, cancellationSignals: cancellationSignals, logger: logger)
    }
}

/// An event of a ``ServiceGroup``, for its log.
public enum ServiceGroupEvent: Sendable, CustomStringConvertible {
    /// Why a group stops.
    public enum Reason: Sendable, Equatable, CustomStringConvertible {
        /// ``ServiceGroup/triggerGracefulShutdown()`` was called.
        case requested
        /// A signal was received.
        case signal(UnixSignal)
        /// The service with this name ended first.
        case serviceEnded(String)
        /// Graceful shutdown took longer than allowed.
        case tookLongerThan(Duration)

        /// The reason in a few words.
        public var description: String {
            switch self {
            case .requested: "it was asked for"
            case .signal(let signal): "\(signal) was received"
            case .serviceEnded(let name): "\(name) has ended"
            case .tookLongerThan(let duration): "shutdown took longer than \(duration)"
            }
        }
    }

    /// All services have been started.
    case started(services: [String])
    /// A service returned without being asked to stop.
    case finishedEarly(service: String)
    /// A service threw.
    case failed(service: String, error: any Error)
    /// Graceful shutdown begins.
    case shutdownBegan(Reason)
    /// A service has been asked to stop.
    case stopping(service: String)
    /// A service that was asked to stop has stopped.
    case stopped(service: String)
    /// Everything still running is cancelled.
    case cancelled(Reason, services: [String])

    /// The event in one sentence.
    public var description: String {
        switch self {
        case .started(let services): "started \(services.joined(separator: ", "))"
        case .finishedEarly(let service): "\(service) finished early"
        case .failed(let service, let error): "\(service) failed: \(error)"
        case .shutdownBegan(let reason): "shutting down: \(reason)"
        case .stopping(let service): "stopping \(service)"
        case .stopped(let service): "stopped \(service)"
        case .cancelled(let reason, let services): "cancelling \(services.joined(separator: ", ")): \(reason)"
        }
    }
}

/// Why ``ServiceGroup/run()`` failed, if no service's own error explains it.
public enum ServiceGroupError: Error, Equatable, CustomStringConvertible {
    /// A group can run only once.
    case alreadyRunning
    /// A service that is configured to cancel the group has returned.
    case serviceFinishedUnexpectedly(service: String)
    /// Services were cancelled before they had stopped by themselves.
    case gracefulShutdownForced(ServiceGroupEvent.Reason)

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .alreadyRunning: "the service group was already run"
        case .serviceFinishedUnexpectedly(let service): "\(service) finished unexpectedly"
        case .gracefulShutdownForced(let reason): "services were cancelled: \(reason)"
        }
    }
}
