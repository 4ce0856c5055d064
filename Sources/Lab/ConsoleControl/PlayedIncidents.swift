import EventLoop
import FaultControl
import FaultRules
import HTTP
import Incidents
import Logging
import Synchronization
import Vocabulary
import Workload

/// Plays incidents against the running services, one at a time, and keeps what must not be known until their questions
/// are answered. Safe to use from any thread.
///
/// From the beginning of a run until its incident's last question is settled the services keep silent about faults:
/// marks on spans and lines name the rule, and so the answer.
final class PlayedIncidents: Sendable {
    /// What a run needs.
    struct Surroundings: Sendable {
        var library: IncidentLibrary
        /// Where each incident's last run is kept, in a folder of its name.
        var runsFolder: String
        var urls: [ServiceRole: String]
        var gatewayToken: String?
        var adminToken: String?
        var stores: @Sendable () -> IncidentPlay.Stores
        var fleet: FaultFleet
        var traffic: Traffic
        var client: HTTPClient
        var eventLoop: EventLoop
        var logger: Logger
    }

    /// The run that is under way.
    struct Running: Sendable {
        var incident: Incident
        /// The latest progress; `nil` before the first request.
        var progress: IncidentRun.Progress?
        /// Asks the services whether they can play it, silences them, and starts the work.
        fileprivate var preparation: Task<Void, any Error>
        /// `nil` until all is prepared.
        fileprivate var work: Task<Void, Never>?
        fileprivate var isStopped = false
        /// Whether the store names it as playing.
        fileprivate var isRecorded = false
    }

    struct State {
        var running: Running?
        /// Why the last run could not be played to its end.
        var trouble: (name: String, reason: String)?
        /// Clears what an earlier process left behind; `nil` when it does not.
        var recovery: Task<Void, Never>?
        /// The latest change of what the services keep silent about.
        var turn: Task<Void, Never>?
        /// Nothing is played any more.
        var isClosed = false
    }

    let surroundings: Surroundings
    let store: SessionStore
    let state = Mutex(State())

    init(_ surroundings: Surroundings, store: SessionStore) {
        self.surroundings = surroundings
        self.store = store
    }

    var running: Running? { state.withLock { $0.running } }
    var isPlaying: Bool { running != nil }
    var trouble: (name: String, reason: String)? { state.withLock { $0.trouble } }

    /// The incident whose faults must not be shown: it plays, or was played, and a question is open; `nil` if there is
    /// none.
    var concealed: (name: String, title: String)? {
        if let incident = running?.incident { return (incident.name, incident.title) }
        let played = store.value.sessions.filter { $0.value.played != nil }
            .sorted { $0.value.played?.end ?? 0 > $1.value.played?.end ?? 0 }
        for (name, session) in played {
            // An incident whose file is gone asks nothing any more.
            guard let incident = try? surroundings.library.incident(name) else { continue }
            if !session.isAnswered(incident.questions) { return (incident.name, incident.title) }
        }
        return nil
    }

    // MARK: Playing

    /// Why an incident cannot be played here; `nil` if it can. It names nothing that the incident's questions ask for.
    /// - Parameter states: what the services say of their faults, or why they say nothing.
    func obstacle(to incident: Incident, _ states: [FaultFleet.Answer]) -> String? {
        if incident.needsItsOwnServices != nil || !incident.restart.isEmpty {
            return "it needs an environment of its own: tailspan incident run \(incident.name) --own"
        }
        for (role, result) in states {
            guard let state = try? result.get() else { return "\(role.rawValue) does not answer" }
            guard state.acceptsFromRequests else {
                return "\(role.rawValue) does not take its time in the scenario from requests: start the services with "
                    + "FAULTS_FROM_REQUESTS=true, as 'tailspan up' does"
            }
        }
        return nil
    }

    /// Starts a run, and returns as soon as it is under way.
    /// - Throws: `HTTPError` 409 if one is under way already, or the services cannot play this one; 503 once it is shut
    ///   down.
    func play(_ incident: Incident, speed: Double) async throws {
        let preparation = try state.withLock { state throws(HTTPError) in
            guard !state.isClosed else { throw .shuttingDown }
            guard state.recovery == nil else {
                throw HTTPError(
                    .conflict, type: "recovering",
                    message: "what an earlier run left behind is being cleared: try again in a moment")
            }
            if let other = state.running {
                throw HTTPError(
                    .conflict, type: "incident-playing", message: "'\(other.incident.title)' is playing: stop it first")
            }
            let preparation = Task(executorPreference: surroundings.eventLoop) {
                try await self.begin(incident, speed)
            }
            state.running = Running(incident: incident, preparation: preparation)
            state.trouble = nil
            return preparation
        }
        try await preparation.value
    }

    private func begin(_ incident: Incident, _ speed: Double) async throws {
        let stopped = HTTPError(
            .conflict, type: "stopped", message: "'\(incident.title)' was stopped before it began")
        do {
            try await prepare(incident)
            try state.withLock { state throws(HTTPError) in
                guard state.running?.isStopped == false else { throw stopped }
                state.running?.work = Task(executorPreference: surroundings.eventLoop) {
                    await self.end(await self.run(incident, speed))
                }
            }
        } catch {
            let isStopped = state.withLock { $0.running?.isStopped == true }
            await end(nil)
            throw isStopped ? stopped : error
        }
    }

    private func prepare(_ incident: Incident) async throws {
        let states = await surroundings.fleet.states()
        if let why = obstacle(to: incident, states) {
            throw HTTPError(
                .conflict, type: "not-playable", message: "'\(incident.title)' cannot be played: \(why)")
        }
        // Otherwise this run would take its place in the store.
        guard await clearLeftRules() else {
            throw HTTPError(
                .conflict, type: "not-playable",
                message: "a rule of an earlier run may still be set, and a service does not remove it")
        }
        let ids = Set((incident.requestRules() + incident.serviceRules).map(\.id))
        if try states.contains(where: { try $0.state.get().rules.contains { ids.contains($0.id) } }) {
            throw HTTPError(
                .conflict, type: "not-playable",
                message: "a fault rule that is set stands in its way: clear the faults first")
        }
        state.withLock { $0.running?.isRecorded = true }
        try store.change { $0.playing = incident.name }
        try await silence()
    }

    /// Stops the run, and returns once its rules are cleared.
    /// - Returns: `false` if none was under way.
    func stop() async -> Bool {
        let preparation = state.withLock { state in
            state.running?.isStopped = true
            return state.running?.preparation
        }
        guard let preparation else { return false }
        preparation.cancel()
        // Whoever plays it is told what became of it.
        _ = await preparation.result
        let work = state.withLock { $0.running?.isStopped == true ? $0.running?.work : nil }
        work?.cancel()
        await work?.value
        return true
    }

    /// Stops what is under way, and plays nothing any more.
    func shutdown() async {
        let recovery = state.withLock { state in
            state.isClosed = true
            return state.recovery
        }
        recovery?.cancel()
        await recovery?.value
        _ = await stop()
    }

    /// - Returns: why it could not be played to its end; `nil` if it was, or was stopped.
    private func run(_ incident: Incident, _ speed: Double) async -> (name: String, reason: String)? {
        var options = IncidentRun.Options()
        options.speed = speed
        options.token = surroundings.gatewayToken
        let logger = surroundings.logger
        let play = IncidentPlay(
            incident, folder: IncidentRunFolder(path: surroundings.runsFolder + "/" + incident.name), options: options,
            isHidden: true, clock: .monotonic(surroundings.eventLoop))
        let attached = AttachedPlay(
            play, urls: surroundings.urls, adminToken: surroundings.adminToken, surroundings.stores(),
            client: surroundings.traffic.client, eventLoop: surroundings.eventLoop,
            warn: { logger.warning("\($0)") })
        do {
            let outcome = try await attached.run(roots: surroundings.traffic.roots(.incident), number: nil) {
                progress in
                self.state.withLock { $0.running?.progress = progress }
            }
            try store.change { contents in
                contents.sessions[incident.name, default: IncidentSession()].played = IncidentSession.Played(
                    run: outcome.record.number, start: outcome.record.window.lowerBound,
                    end: outcome.record.window.upperBound, failures: outcome.report.failures)
            }
            return nil
        } catch {
            if Task.isCancelled { return nil }
            logger.warning("an incident could not be played", error: error)
            // What a service refuses may name a rule, and so may what stands in the way of a run.
            let mayTell = error is FaultControlError || error is IncidentError
            let reason = mayTell ? "a service refused what it needs: the log says what" : "\(error)"
            return (incident.name, reason)
        }
    }

    private func end(_ trouble: (name: String, reason: String)?) async {
        let isRecorded = state.withLock { state in
            defer { (state.running, state.trouble) = (nil, trouble) }
            return state.running?.isRecorded == true
        }
        if isRecorded { forgetWhatPlays() }
        await speakIfNothingIsConcealed()
    }

    func forgetWhatPlays() {
        do { try store.change { $0.playing = nil } } catch {
            surroundings.logger.warning("the state of the incidents cannot be kept", error: error)
        }
    }
}

extension HTTPError {
    /// Nothing is begun any more.
    static let shuttingDown = HTTPError(
        .serviceUnavailable, type: "shutting-down", message: "the console is shutting down")
}
