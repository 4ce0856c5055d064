/// The state of one run of a ``ServiceGroup``: which services run, and how to react to events. Starts no tasks.
struct Supervision {
    enum Event: Sendable {
        case ended(Int, (any Error)?)
        case shutdownRequested
        case signal(UnixSignal)
        case timeIsUp
        case nothing
    }

    enum Action {
        case wait
        case cancel
        case startTimer(Duration)
    }

    private enum Phase {
        case running
        /// The service with this index has been asked to stop and has not ended yet.
        case stopping(Int)
        case cancelled
    }

    let members: [(service: any Service, manager: GracefulShutdownManager)]
    let names: [String]
    /// The error that the run ends with.
    private(set) var error: (any Error)?
    private let configuration: ServiceGroupConfiguration
    private var alive: Set<Int>
    private var phase = Phase.running

    init(_ configuration: ServiceGroupConfiguration) {
        self.configuration = configuration
        members = configuration.services.map { ($0.service, GracefulShutdownManager()) }
        names = configuration.services.map { service in
            (service.service as? any CustomStringConvertible)?.description
                ?? String(describing: type(of: service.service))
        }
        alive = Set(configuration.services.indices)
    }

    var isRunning: Bool { !alive.isEmpty }

    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .ended(let index, let error): ended(index, error)
        case .shutdownRequested: begin(.requested)
        case .signal(let signal) where configuration.cancellationSignals.contains(signal): cancel(.signal(signal))
        case .signal(let signal): if case .running = phase { begin(.signal(signal)) } else { cancel(.signal(signal)) }
        case .timeIsUp: cancel(.tookLongerThan(configuration.maximumGracefulShutdownDuration ?? .zero))
        case .nothing: .wait
        }
    }

    /// The task that runs the group was cancelled, and all services with it.
    mutating func callerWasCancelled() { phase = .cancelled }

    private mutating func ended(_ index: Int, _ error: (any Error)?) -> Action {
        alive.remove(index)
        let name = names[index]
        switch phase {
        case .running:
            configuration.logger(error.map { .failed(service: name, error: $0) } ?? .finishedEarly(service: name))
            let service = configuration.services[index]
            switch error == nil ? service.successTerminationBehavior : service.failureTerminationBehavior {
            case .ignore: return .wait
            case .gracefullyShutdownGroup:
                self.error = error
                return begin(.serviceEnded(name))
            case .cancelGroup:
                self.error = error ?? ServiceGroupError.serviceFinishedUnexpectedly(service: name)
                return cancel(.serviceEnded(name))
            }
        case .stopping(let current):
            note(index, error)
            if index == current { stopNext() }
        case .cancelled:
            // A cancelled service may report that; it is not a failure of the service.
            note(index, error is CancellationError ? nil : error)
        }
        return .wait
    }

    private mutating func note(_ index: Int, _ error: (any Error)?) {
        guard let error else { return configuration.logger(.stopped(service: names[index])) }
        configuration.logger(.failed(service: names[index], error: error))
        if self.error == nil || self.error is ServiceGroupError { self.error = error }
    }

    private mutating func begin(_ reason: ServiceGroupEvent.Reason) -> Action {
        guard case .running = phase, !alive.isEmpty else { return .wait }
        configuration.logger(.shutdownBegan(reason))
        stopNext()
        return configuration.maximumGracefulShutdownDuration.map(Action.startTimer) ?? .wait
    }

    /// Asks the last service that is still running to stop.
    private mutating func stopNext() {
        guard let index = alive.max() else { return }
        phase = .stopping(index)
        configuration.logger(.stopping(service: names[index]))
        members[index].manager.shutdownGracefully()
    }

    private mutating func cancel(_ reason: ServiceGroupEvent.Reason) -> Action {
        if case .cancelled = phase { return .wait }
        phase = .cancelled
        if !alive.isEmpty {
            configuration.logger(.cancelled(reason, services: alive.sorted(by: >).map { names[$0] }))
            error = error ?? ServiceGroupError.gracefulShutdownForced(reason)
        }
        return .cancel
    }
}
