import FaultControl
import FaultRules
import FileSystem
import HTTP
import Incidents
import Supervision
import Synchronization
import Vocabulary

/// Services and a pocket stack that were started for one incident.
final class IncidentOwnStage: IncidentStage {
    let session: StackSession
    private let client: HTTPClient
    private let restartable: Set<ServiceRole>
    private let state = Mutex(State())

    private struct State {
        var restarts: [ServiceRole: Int] = [:]
        var versions: [ServiceRole: String] = [:]
        /// The rules currently in force for whole services.
        var rules: [FaultRule] = []
    }

    /// A service that dies more often will not get anywhere.
    private static let mostRestarts = 200

    /// How long a service may take to become ready again.
    private static let patience: Duration = .seconds(20)

    init(session: StackSession, client: HTTPClient, restartable: Set<ServiceRole>) {
        self.session = session
        self.client = client
        self.restartable = restartable
    }

    var urls: [ServiceRole: String] {
        Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0, session.layout.url(of: $0)) })
    }

    var restarts: [ServiceRole: Int] { state.withLock { $0.restarts } }

    func begin(_ rule: FaultRule) async throws {
        state.withLock { $0.rules.append(rule) }
        for role in ServiceRole.allCases where rule.concerns(role) { try await control(role).post([rule]) }
    }

    func end(_ rule: FaultRule) async throws {
        state.withLock { state in state.rules.removeAll { $0.id == rule.id } }
        for role in ServiceRole.allCases where rule.concerns(role) { _ = try await control(role).delete(id: rule.id) }
    }

    private func control(_ role: ServiceRole) -> FaultControlClient {
        FaultControlClient(baseURL: session.layout.url(of: role), token: nil, client: client)
    }

    func deploy(_ service: ServiceRole, version: String) async throws {
        state.withLock { $0.versions[service] = version }
        try await restart(service)
    }

    /// Whether a part should be restarted when it dies.
    func revives(_ part: String) -> Bool { ServiceRole(rawValue: part).map(restartable.contains) ?? false }

    /// Restarts a service that died.
    /// - Returns: `false` if it should not be restarted, or has died too often.
    func revive(_ part: String) async throws -> Bool {
        guard revives(part), let role = ServiceRole(rawValue: part) else { return false }
        let count = state.withLock { state in
            state.restarts[role, default: 0] += 1
            return state.restarts[role, default: 0]
        }
        guard count <= Self.mostRestarts else { return false }
        do {
            try await restart(role)
        } catch is StartError where session.supervisor.states.contains(where: { $0.name == part && $0.state.hasExited })
        {
            // It died again before it was ready: another event reports that.
        }
        return true
    }

    /// The rules that it was started with come back through its environment.
    private func restart(_ role: ServiceRole) async throws {
        let version = state.withLock { $0.versions[role] }
        try await session.restart(
            role, with: version.map { ["SERVICE_VERSION": $0] } ?? [:], deadline: Self.patience)
        let rules = state.withLock { $0.rules.filter { $0.concerns(role) } }
        if !rules.isEmpty { try await control(role).post(rules) }
    }

    /// The lines of all services' ledgers, read from their files.
    func ledgerLines() -> [LedgerLine] {
        ServiceRole.allCases.flatMap { role -> [LedgerLine] in
            // A service without injections has no file.
            let text = Files.text("\(session.layout.logFolder)/\(role.rawValue)/faults.ndjson") ?? ""
            return text.split(separator: "\n").compactMap { LedgerLine(String($0)) }
        }
    }

    /// The environment of the services and the pocket stack. The caller's settings that would change the run are left
    /// out.
    static func environment(
        _ environment: [String: String], rules: [FaultRule], isHidden: Bool
    ) -> [String: String] {
        let alien = ["OTEL_", "LOG_", "FAULT", Tenant.variable]
        var result = environment.filter { variable in !alien.contains { variable.key.hasPrefix($0) } }
        result["FAULTS"] = rules.map(\.description).joined(separator: "\n")
        result["FAULTS_FROM_REQUESTS"] = "true"
        if isHidden { result["FAULTS_HIDDEN"] = "true" }
        // Nobody reads it; only the files count.
        result["LOG_STDOUT"] = "false"
        result["OTEL_BSP_SCHEDULE_DELAY"] = "500"
        // At high speed, a few seconds produce more spans than the usual queue of 2048 holds.
        result["OTEL_BSP_MAX_QUEUE_SIZE"] = "32768"
        // At high speed, many more requests come at once; the pool's queue must not be what fails.
        result["EXECUTOR_QUEUE"] = environment["EXECUTOR_QUEUE"] ?? "1024"
        // What was found once must be found at every later check.
        result["RETENTION"] = "8760h"
        return result
    }
}
