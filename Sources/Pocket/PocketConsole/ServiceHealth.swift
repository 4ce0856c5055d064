import HTTP
import Vocabulary

/// Asks the services whether they are ready.
struct ServiceHealth: Sendable {
    struct State: Sendable, Equatable {
        var role: ServiceRole
        var url: String
        var isReady: Bool
        /// What it answered, or why it did not.
        var detail: String
    }

    let client: HTTPClient
    let urls: [ServiceRole: String]

    /// The state of every service, queried concurrently.
    func states() async -> [State] {
        await withTaskGroup(of: State.self) { group in
            for (role, url) in urls {
                group.addTask { await state(of: role, at: url) }
            }
            var states: [State] = []
            for await state in group { states.append(state) }
            let order = ServiceRole.allCases
            return states.sorted {
                order.firstIndex(of: $0.role) ?? 0 < order.firstIndex(of: $1.role) ?? 0
            }
        }
    }

    private func state(of role: ServiceRole, at url: String) async -> State {
        do {
            let answer = try await client.execute(HTTPClient.Request(url: url + "/readyz"), timeout: .milliseconds(800))
            return State(role: role, url: url, isReady: answer.status.isSuccess, detail: answer.status.description)
        } catch let error as HTTPClientError {
            return State(role: role, url: url, isReady: false, detail: error.description)
        } catch {
            return State(role: role, url: url, isReady: false, detail: String(describing: error))
        }
    }
}
