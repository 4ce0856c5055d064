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
        /// `nil` while the services are being asked whether they can play it.
        fileprivate var work: Task<Void, Never>?
        fileprivate var isStopped = false
    }

    private struct State {
        var running: Running?
        /// Why the last run could not be played to its end.
        var trouble: (name: String, reason: String)?
    }

    let surroundings: Surroundings
    let store: SessionStore
    private let state = Mutex(State())

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
    func obstacle(
        to incident: Incident, _ states: [(role: ServiceRole, state: Result<FaultState, any Error>)]
    ) -> String? {
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

    func states() async -> [(role: ServiceRole, state: Result<FaultState, any Error>)] {
        var states: [(role: ServiceRole, state: Result<FaultState, any Error>)] = []
        for (role, client) in surroundings.fleet.clients {
            do { states.append((role, .success(try await client.get()))) } catch {
                states.append((role, .failure(error)))
            }
        }
        return states
    }

    /// Starts a run, and returns as soon as it is under way.
    /// - Throws: `HTTPError` 409 if one is under way already, or the services cannot play this one.
    func play(_ incident: Incident, speed: Double) async throws {
        try state.withLock { state throws(HTTPError) in
            if let other = state.running {
                throw HTTPError(
                    .conflict, type: "incident-playing", message: "'\(other.incident.title)' is playing: stop it first")
            }
            state.running = Running(incident: incident)
            state.trouble = nil
        }
        do {
            let states = await states()
            if let why = obstacle(to: incident, states) {
                throw HTTPError(
                    .conflict, type: "not-playable", message: "'\(incident.title)' cannot be played: \(why)")
            }
            let ids = Set((incident.requestRules() + incident.serviceRules).map(\.id))
            if try states.contains(where: { try $0.state.get().rules.contains { ids.contains($0.id) } }) {
                throw HTTPError(
                    .conflict, type: "not-playable",
                    message: "a fault rule that is set stands in its way: clear the faults first")
            }
            try store.change { $0.playing = incident.name }
            try await silence()
        } catch {
            await end(nil)
            throw error
        }
        let isStopped = state.withLock { state in
            guard state.running?.isStopped == false else { return true }
            state.running?.work = Task(executorPreference: surroundings.eventLoop) {
                await self.perform(incident, speed)
            }
            return false
        }
        if isStopped {
            await end(nil)
            throw HTTPError(.conflict, type: "stopped", message: "'\(incident.title)' was stopped before it began")
        }
    }

    /// Stops the run, and returns once its rules are cleared.
    /// - Returns: `false` if none was under way.
    func stop() async -> Bool {
        let running = state.withLock { state in
            state.running?.isStopped = true
            return state.running
        }
        guard let running else { return false }
        running.work?.cancel()
        await running.work?.value
        return true
    }

    private func perform(_ incident: Incident, _ speed: Double) async {
        let trouble = await run(incident, speed)
        // In a task of its own: if the run was stopped, this one is cancelled, and with it every request.
        await Task(executorPreference: surroundings.eventLoop) { await self.end(trouble) }.value
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
            // What a service refuses may name a rule.
            let reason = error is FaultControlError ? "a service refused what it needs: the log says what" : "\(error)"
            return (incident.name, reason)
        }
    }

    private func end(_ trouble: (name: String, reason: String)?) async {
        state.withLock { $0 = State(running: nil, trouble: trouble) }
        do { try store.change { $0.playing = nil } } catch {
            surroundings.logger.warning("the state of the incidents cannot be kept", error: error)
        }
        await speakIfNothingIsConcealed()
    }

    // MARK: Silence

    /// Has all services keep silent about faults.
    func silence() async throws {
        for (role, client) in surroundings.fleet.clients where try await !client.get().isHidden {
            // Recorded first: the service may have been told even if the answer is lost.
            try store.change { _ = $0.silenced.insert(role) }
            try await client.hide(true)
        }
    }

    /// Has the services that were silenced speak again, once nothing is to be found out any more.
    func speakIfNothingIsConcealed() async {
        guard concealed == nil else { return }
        for (role, client) in surroundings.fleet.clients where store.value.silenced.contains(role) {
            do {
                try await client.hide(false)
                try store.change { _ = $0.silenced.remove(role) }
            } catch {
                surroundings.logger.warning(
                    "a service still hides its faults", error: error,
                    metadata: [LogField.service: .string(role.rawValue)])
            }
        }
    }

    /// Clears what a run left behind whose process ended before it.
    func recover() async {
        guard let name = store.value.playing, !isPlaying else { return }
        if let incident = try? surroundings.library.incident(name) {
            for rule in incident.requestRules() + incident.serviceRules {
                for (role, client) in surroundings.fleet.clients where rule.recipients.contains(role) {
                    do { _ = try await client.delete(id: rule.id) } catch let error as FaultControlError
                        where error.isUnreachable
                    {
                        // A service that does not run has no rules either.
                    } catch {
                        surroundings.logger.warning("a rule of an incident is still set", error: error)
                    }
                }
            }
        }
        await end(nil)
    }
}
