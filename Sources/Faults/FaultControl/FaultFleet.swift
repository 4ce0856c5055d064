import FaultRules
import Vocabulary

/// The control APIs of several services, as one.
package struct FaultFleet: Sendable {
    /// In the order of ``ServiceRole``.
    package let clients: [(role: ServiceRole, client: FaultControlClient)]

    package init(_ clients: [ServiceRole: FaultControlClient]) {
        self.clients = ServiceRole.allCases.compactMap { role in clients[role].map { (role, $0) } }
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

    /// Removes the rule with an id from all services. Returns `false` if none had it.
    package func delete(id: String) async throws -> Bool {
        var isFound = false
        for (_, client) in clients where try await client.delete(id: id) { isFound = true }
        return isFound
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
