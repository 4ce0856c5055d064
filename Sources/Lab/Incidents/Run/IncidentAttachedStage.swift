import FaultControl
import FaultRules
import HTTP
import Synchronization
import Vocabulary

/// Services that are already running, controlled through their control APIs.
package final class IncidentAttachedStage: IncidentStage {
    package let urls: [ServiceRole: String]
    private let controls: [(role: ServiceRole, client: FaultControlClient)]
    private let state = Mutex(State())

    private struct State {
        /// The ids of the rules that were set, by service.
        var rules: [ServiceRole: Set<String>] = [:]
        /// The length of each ledger before the run.
        var ledgerEnds: [ServiceRole: Int] = [:]
    }

    package var restarts: [ServiceRole: Int] { [:] }

    /// - Parameter token: `ADMIN_TOKEN` of the services; not needed for those on this machine.
    package init(urls: [ServiceRole: String], token: String?, client: HTTPClient) {
        self.urls = urls
        controls = ServiceRole.allCases.compactMap { role in
            urls[role].map { (role, FaultControlClient(baseURL: $0, token: token, client: client)) }
        }
    }

    /// Checks that everything the incident needs is possible, and sets the rules for single requests.
    /// - Throws: ``IncidentError`` in one line, or `FaultControlError`.
    package func prepare(_ incident: Incident, rules: [FaultRule], isHidden: Bool) async throws {
        if let reason = incident.needsItsOwnServices {
            throw IncidentError("\(incident.name) \(reason): run it with --own")
        }
        for (role, client) in controls {
            let found = try await client.get()
            guard found.acceptsFromRequests else {
                throw IncidentError(
                    "\(role) at \(client.baseURL) does not take its time in the scenario from requests: start it with "
                        + "FAULTS_FROM_REQUESTS=true")
            }
            if isHidden, !found.isHidden {
                throw IncidentError(
                    "\(role) at \(client.baseURL) shows its faults: start it with FAULTS_HIDDEN=true, or leave out --hide"
                )
            }
            let taken = found.rules.first { known in (rules + incident.serviceRules).contains { $0.id == known.id } }
            if let taken {
                throw IncidentError(
                    "\(role) at \(client.baseURL) has a rule '\(taken.id)' already: 'tailspan fault clear' takes it out"
                )
            }
            let end = try await client.ledger().last?.number ?? 0
            state.withLock { $0.ledgerEnds[role] = end }
        }
        for rule in rules { try await begin(rule) }
    }

    package func begin(_ rule: FaultRule) async throws {
        for (role, client) in controls where rule.recipients.contains(role) {
            // Recorded first: the rule may have been set even if the answer is lost.
            state.withLock { _ = $0.rules[role, default: []].insert(rule.id) }
            try await client.post([rule])
        }
    }

    package func end(_ rule: FaultRule) async throws {
        for (role, client) in controls where rule.recipients.contains(role) {
            _ = try await client.delete(id: rule.id)
            state.withLock { _ = $0.rules[role]?.remove(rule.id) }
        }
    }

    package func deploy(_ service: ServiceRole, version: String) async throws {
        throw IncidentError("\(service) cannot be replaced: it was not started by this command")
    }

    /// Removes all rules that were set; returns those that could not be removed.
    package func cleanUp() async -> [String] {
        var left: [String] = []
        for (role, client) in controls {
            for id in state.withLock({ $0.rules[role] ?? [] }).sorted() {
                do { _ = try await client.delete(id: id) } catch { left.append("\(id) of \(role): \(error)") }
            }
        }
        return left
    }

    /// The injections since ``prepare(_:rules:isHidden:)``.
    package func ledgerLines() async throws -> [LedgerLine] {
        var lines: [LedgerLine] = []
        for (role, client) in controls {
            let end = state.withLock { $0.ledgerEnds[role] ?? 0 }
            lines += try await client.ledger(after: end).map { LedgerLine($0) }
        }
        return lines
    }
}
