import Logging
import Synchronization

/// Runs services concurrently and stops them in reverse order. Modelled on swift-service-lifecycle's type of the same
/// name.
///
/// The services run in child tasks of the task that calls ``run()``, and therefore on its executor. Thread-safe.
public final class ServiceGroup: Service {
    private enum State {
        case initial
        case running
        case finished
    }

    private let configuration: ServiceGroupConfiguration
    private let state = Mutex(State.initial)
    private let shutdownRequest = AsyncStream<Never>.makeStream()

    /// Creates a group.
    public init(configuration: ServiceGroupConfiguration) { self.configuration = configuration }

    /// Creates a group in which the end of any service stops all others.
    public convenience init(
        services: [any Service], gracefulShutdownSignals: [UnixSignal] = [], cancellationSignals: [UnixSignal] = [],
        logger: @escaping @Sendable (ServiceGroupEvent) -> Void = { _ in }
    ) {
        self.init(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: gracefulShutdownSignals,
                cancellationSignals: cancellationSignals, logger: logger))
    }

    /// Creates a group in which the end of any service stops all others, and whose events are written to `logger`.
    public convenience init(
        services: [any Service], gracefulShutdownSignals: [UnixSignal] = [], cancellationSignals: [UnixSignal] = [],
        logger: Logger
    ) {
        self.init(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: gracefulShutdownSignals,
                cancellationSignals: cancellationSignals, logger: logger))
    }

    /// Begins graceful shutdown and returns without waiting for it. If called before ``run()``, that returns
    /// immediately.
    public func triggerGracefulShutdown() async { requestShutdown() }

    private func requestShutdown() {
        state.withLock { if $0 == .initial { $0 = .finished } }
        shutdownRequest.continuation.finish()
    }

    /// Runs all services until the last one has ended.
    /// - Throws: the first error of a service; ``ServiceGroupError`` if services had to be cancelled or the group has
    ///   already run; `CancellationError` if the calling task is cancelled.
    public func run() async throws {
        let isRunnable = try state.withLock { state in
            switch state {
            case .initial: state = .running
            case .running: throw ServiceGroupError.alreadyRunning
            case .finished: return false
            }
            return true
        }
        guard isRunnable, !configuration.services.isEmpty else { return }
        defer { state.withLock { $0 = .finished } }
        try await withGracefulShutdownHandler {
            try await supervise()
        } onGracefulShutdown: {
            self.requestShutdown()
        }
    }

    private func supervise() async throws {
        let signals = configuration.gracefulShutdownSignals + configuration.cancellationSignals
        let received = signals.isEmpty ? nil : configuration.signalSource(signals)
        let request = shutdownRequest.stream
        let error: (any Error)? = await withTaskGroup(of: Supervision.Event.self) { group in
            var supervision = Supervision(configuration)
            for (index, (service, manager)) in supervision.members.enumerated() {
                group.addTask {
                    await GracefulShutdownManager.$current.withValue(manager) {
                        do {
                            try await service.run()
                            return .ended(index, nil)
                        } catch {
                            return .ended(index, error)
                        }
                    }
                }
            }
            group.addTask {
                for await _ in request {}
                return Task.isCancelled ? .nothing : .shutdownRequested
            }
            if let received { group.addTask { await Self.next(of: received) } }
            configuration.logger(.started(services: supervision.names))

            while supervision.isRunning, let event = await group.next() {
                if case .signal = event, let received { group.addTask { await Self.next(of: received) } }
                if Task.isCancelled { supervision.callerWasCancelled() }
                switch supervision.handle(event) {
                case .wait: break
                case .cancel: group.cancelAll()
                case .startTimer(let duration):
                    let sleep = configuration.sleep
                    group.addTask {
                        do {
                            try await sleep(duration)
                            return .timeIsUp
                        } catch {
                            // Cancelled because the services ended in time.
                            return .nothing
                        }
                    }
                }
            }
            group.cancelAll()
            return supervision.error
        }
        // Keep receiving signals until here: while cancelled services linger, one more signal must end the process.
        withExtendedLifetime(received) {}
        if let error { throw error }
        try Task.checkCancellation()
    }

    private static func next(of signals: UnixSignalsSequence) async -> Supervision.Event {
        for await signal in signals { return .signal(signal) }
        return .nothing
    }
}
