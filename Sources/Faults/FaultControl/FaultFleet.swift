import FaultRules
import Vocabulary

/// The control APIs of several services, as one.
package struct FaultFleet: Sendable {
    /// In the order of ``ServiceRole``.
    package let clients: [(role: ServiceRole, client: FaultControlClient)]

    package init(_ clients: [ServiceRole: FaultControlClient]) {
        self.clients = ServiceRole.allCases.compactMap { role in clients[role].map { (role, $0) } }
    }

    /// What a service says of its faults, or why it says nothing.
    package typealias Answer = (role: ServiceRole, state: Result<FaultState, any Error>)

    /// Asks all services at once. In the order of ``ServiceRole``.
    package func states() async -> [Answer] {
        await withTaskGroup(of: Answer.self) { group in
            for (role, client) in clients {
                group.addTask {
                    do { return (role, .success(try await client.get())) } catch { return (role, .failure(error)) }
                }
            }
            var states: [ServiceRole: Result<FaultState, any Error>] = [:]
            for await (role, state) in group { states[role] = state }
            return clients.compactMap { client in states[client.role].map { (client.role, $0) } }
        }
    }

    /// Adds rules to the services that must have them, all or none.
    /// - Throws: ``NotAdded``.
    package func add(_ rules: [FaultRule]) async throws(NotAdded) {
        var done: [(FaultControlClient, ServiceRole, [FaultRule])] = []
        for (role, client) in clients {
            let own = rules.filter { $0.recipients.contains(role) }
            guard !own.isEmpty else { continue }
            do {
                try await client.post(own)
                done.append((client, role, own))
            } catch {
                var failure = NotAdded(role: role, error: error, hadAdded: !done.isEmpty)
                for (client, role, rules) in done {
                    for rule in rules {
                        do { _ = try await client.delete(id: rule.id) } catch {
                            failure.left.append("'\(rule.id)' stays set at \(role.rawValue): \(error)")
                        }
                    }
                }
                throw failure
            }
        }
    }

    /// Removes all rules from all services.
    /// - Throws: ``NotRemoved``.
    package func delete() async throws(NotRemoved) { try await each { try await $0.delete() } }

    /// Removes the rule with an id from all services. Returns `false` if none had it.
    /// - Throws: ``NotRemoved``.
    package func delete(id: String) async throws(NotRemoved) -> Bool {
        var isFound = false
        try await each { if try await $0.delete(id: id) { isFound = true } }
        return isFound
    }

    /// Goes through all services, whatever one of them does.
    private func each(_ body: (FaultControlClient) async throws -> Void) async throws(NotRemoved) {
        var errors: [any Error] = []
        for (_, client) in clients {
            do { try await body(client) } catch { errors.append(error) }
        }
        if !errors.isEmpty { throw NotRemoved(errors: errors) }
    }

    /// Rules may still be set at services that refused to remove them or did not answer.
    package struct NotRemoved: Error, CustomStringConvertible {
        /// One for each of these services.
        package var errors: [any Error]
        package var description: String { errors.map { "\($0)" }.joined(separator: "; ") }
    }

    /// Rules were not added, because a service refused them or did not answer.
    package struct NotAdded: Error {
        package var role: ServiceRole
        package var error: any Error
        /// Whether other services had taken them, from which they were removed again.
        package var hadAdded: Bool
        /// What could not be removed again, one sentence each.
        package var left: [String] = []
    }
}
