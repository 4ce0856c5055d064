import FaultControl
import FaultRules
import Incidents
import Logging
import Synchronization
import Vocabulary

extension PlayedIncidents {
    /// Has all services keep silent about faults.
    func silence() async throws {
        let result: Result<Void, any Error> = await inTurn {
            do { return .success(try await self.hide()) } catch { return .failure(error) }
        }
        try result.get()
    }

    private func hide() async throws {
        for (role, client) in surroundings.fleet.clients where try await !client.get().isHidden {
            // Recorded first: the service may have been told even if the answer is lost.
            try store.change { _ = $0.silenced.insert(role) }
            try await client.hide(true)
        }
    }

    /// Has the services that were silenced speak again, once nothing is to be found out any more. One that does not
    /// answer is told at a later call.
    func speakIfNothingIsConcealed() async {
        guard !store.value.silenced.isEmpty else { return }
        await inTurn { await self.speak() }
    }

    private func speak() async {
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

    /// Runs `body` after what was begun before, so that no service is told to speak while a run silences it. It runs in
    /// a task of its own: the server cancels a handler whose client went away, and with it every request.
    private func inTurn<Answer: Sendable>(_ body: @escaping @Sendable () async -> Answer) async -> Answer {
        let task = state.withLock { state in
            let last = state.turn
            let task = Task(executorPreference: surroundings.eventLoop) {
                await last?.value
                return await body()
            }
            state.turn = Task(executorPreference: surroundings.eventLoop) { _ = await task.value }
            return task
        }
        return await task.value
    }

    // MARK: Recovery

    /// Clears what a run left behind whose process ended before it. Nothing can be played meanwhile.
    func recover() async {
        let recovery = state.withLock { state -> Task<Void, Never>? in
            guard state.running == nil, state.recovery == nil, !state.isClosed else { return state.recovery }
            let recovery = Task(executorPreference: surroundings.eventLoop) {
                await self.clearWhatIsLeft()
                self.state.withLock { $0.recovery = nil }
            }
            state.recovery = recovery
            return recovery
        }
        await recovery?.value
    }

    private func clearWhatIsLeft() async {
        // If some are left, the next run or the next start tries again.
        _ = await clearLeftRules()
        await speakIfNothingIsConcealed()
    }

    /// - Returns: whether no rule of a run is left whose process ended before it.
    func clearLeftRules() async -> Bool {
        guard let name = store.value.playing else { return true }
        guard await removeRules(of: name) else { return false }
        forgetWhatPlays()
        return true
    }

    /// - Returns: whether no service can have one of its rules any more.
    private func removeRules(of name: String) async -> Bool {
        let incident: Incident
        do { incident = try surroundings.library.incident(name) } catch {
            surroundings.logger.warning(
                "the rules of an incident that was playing are not known any more", error: error)
            return true
        }
        var isClear = true
        for rule in incident.requestRules() + incident.serviceRules {
            for (role, client) in surroundings.fleet.clients where rule.recipients.contains(role) {
                do { _ = try await client.delete(id: rule.id) } catch let error as FaultControlError
                    where error.isRefused
                {
                    // A service that does not run has no rules either.
                } catch {
                    isClear = false
                    surroundings.logger.warning("a rule of an incident is still set", error: error)
                }
            }
        }
        return isClear
    }
}
