import Logging

extension ServiceGroupEvent {
    /// Writes the event to `logger`, at level error if something failed and warning if services are cut short.
    public func write(to logger: Logger) {
        switch self {
        case .failed(_, let error): logger.error(description, error: error)
        case .finishedEarly, .cancelled: logger.warning(description)
        case .started, .shutdownBegan: logger.info(description)
        case .stopping, .stopped: logger.debug(description)
        }
    }
}

extension ServiceGroupConfiguration {
    /// Creates a configuration that writes its events to `logger`.
    public init(
        services: [ServiceConfiguration], gracefulShutdownSignals: [UnixSignal] = [],
        cancellationSignals: [UnixSignal] = [], logger: Logger
    ) {
        self.init(
            services: services, gracefulShutdownSignals: gracefulShutdownSignals,
            cancellationSignals: cancellationSignals, logger: { $0.write(to: logger) })
    }

    /// Creates a configuration in which the end of any service stops all others, and that writes its events to
    /// `logger`.
    public init(
        services: [any Service], gracefulShutdownSignals: [UnixSignal] = [], cancellationSignals: [UnixSignal] = [],
        logger: Logger
    ) {
        self.init(
            services: services.map { ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: gracefulShutdownSignals, cancellationSignals: cancellationSignals, logger: logger)
    }
}
