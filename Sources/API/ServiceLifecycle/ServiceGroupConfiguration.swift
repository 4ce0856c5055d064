/// What a ``ServiceGroup`` runs and when it stops.
public struct ServiceGroupConfiguration: Sendable {
    /// What the end of one service means for the others.
    public enum TerminationBehavior: Sendable {
        /// The others are cancelled.
        case cancelGroup
        /// The others are shut down gracefully.
        case gracefullyShutdownGroup
        /// The others go on.
        case ignore
    }

    /// One service of the group.
    public struct ServiceConfiguration: Sendable {
        /// The service.
        public var service: any Service
        /// What happens when it returns although nobody told it to stop.
        public var successTerminationBehavior: TerminationBehavior
        /// What happens when it throws.
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

    /// The services in the order they are started; they are stopped in the reverse order, one after the other.
    /// What others need comes first: telemetry first, the server last.
    public var services: [ServiceConfiguration]
    /// The signals that begin graceful shutdown. A further one, while it is under way, cancels what still runs; the
    /// third ends the process.
    public var gracefulShutdownSignals: [UnixSignal]
    /// The signals that cancel all services at once.
    public var cancellationSignals: [UnixSignal]
    /// Is told what happens. May be called from any thread.
    public var logger: @Sendable (ServiceGroupEvent) -> Void
    /// How long graceful shutdown may take before what still runs is cancelled; `nil` for as long as it takes.
    public var maximumGracefulShutdownDuration: Duration?
    /// Where signals come from: the system, or in a test whatever yields them.
    public var signalSource: @Sendable ([UnixSignal]) -> UnixSignalsSequence
    /// Waits; throws when the task is cancelled. An event loop's own timer saves the threads behind `Task.sleep`.
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

    /// Creates a configuration in which every service stops all others when it ends.
    public init(
        services: [any Service], gracefulShutdownSignals: [UnixSignal] = [], cancellationSignals: [UnixSignal] = [],
        logger: @escaping @Sendable (ServiceGroupEvent) -> Void = { _ in }
    ) {
        self.init(
            services: services.map { ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: gracefulShutdownSignals, cancellationSignals: cancellationSignals, logger: logger)
    }
}

/// Something that happened to a ``ServiceGroup``, for its log.
public enum ServiceGroupEvent: Sendable, CustomStringConvertible {
    /// Why a group stops.
    public enum Reason: Sendable, Equatable, CustomStringConvertible {
        /// ``ServiceGroup/triggerGracefulShutdown()`` was called.
        case requested
        /// A signal was received.
        case signal(UnixSignal)
        /// The service of this name ended first.
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

    /// All services were started.
    case started(services: [String])
    /// A service returned although nobody had told it to.
    case finishedEarly(service: String)
    /// A service threw.
    case failed(service: String, error: any Error)
    /// Graceful shutdown begins.
    case shutdownBegan(Reason)
    /// A service is told to stop.
    case stopping(service: String)
    /// A service that was told to stop has stopped.
    case stopped(service: String)
    /// All that still runs is cancelled.
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

/// Why ``ServiceGroup/run()`` failed, where no service's own error says it.
public enum ServiceGroupError: Error, Equatable, CustomStringConvertible {
    /// A group runs only once.
    case alreadyRunning
    /// A service returned that was configured to cancel the group if it does.
    case serviceFinishedUnexpectedly(service: String)
    /// Services were cancelled before they had stopped of themselves.
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
