import Contracts
import Encoding
import EventLoop
import Glibc
import HTTP
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@testable import Supervision

/// The four services as plain processes that share a data folder, each of which can be killed and started again.
final class Fleet: Sendable {
    static let openingBalance: Int64 = 1_000_000
    static let guilds = 4

    let client: HTTPClient
    private let loop: EventLoop
    private let environment: [String: String]
    private let ports: [ServiceRole: Int]
    private let running = Mutex<[ServiceRole: RunningProgram]>([:])

    /// - Parameter variables: what all services are told besides.
    init(folder: String, _ variables: [String: String] = [:], on loop: EventLoop) throws {
        self.loop = loop
        client = HTTPClient(eventLoop: loop)
        ports = Dictionary(uniqueKeysWithValues: zip(ServiceRole.allCases, try Ports.free(4)))
        var environment = [
            "DATA_DIR": folder, "LOG_STDOUT": "false", "SEED_GUILDS": "\(Self.guilds)",
            "SEED_BALANCE": "\(Self.openingBalance)",
        ]
        environment.merge(variables) { $1 }
        for (role, port) in ports { environment[role.urlVariable] = "http://127.0.0.1:\(port)" }
        self.environment = environment
    }

    func url(_ role: ServiceRole) -> String { "http://127.0.0.1:\(ports[role] ?? 0)" }

    func start(_ role: ServiceRole) async throws {
        var environment = environment
        environment["PORT"] = "\(ports[role] ?? 0)"
        let program = try RunningProgram([role.rawValue], environment: environment, on: loop)
        running.withLock { $0[role] = program }
        let ready = url(role) + "/healthz"
        try await eventually(within: .seconds(20), "\(role) answers; it said \(program.errors.all)") {
            // Refused until it listens.
            (try? await self.client.get(ready))?.status == .ok
        }
    }

    /// Ends a service by a signal and waits for its end.
    func end(_ role: ServiceRole, _ signal: Int32) async -> ProcessExit? {
        guard let program = running.withLock({ $0.removeValue(forKey: role) }) else { return nil }
        program.process.send(signal)
        return await program.process.waitForExit()
    }

    /// Waits until a service ends of its own accord; `nil` if it is not running.
    func awaitEnd(_ role: ServiceRole) async -> ProcessExit? {
        guard let program = running.withLock({ $0[role] }) else { return nil }
        let exit = await program.process.waitForExit()
        running.withLock { running in
            if running[role]?.process === program.process { running[role] = nil }
        }
        return exit
    }

    func endAll() async {
        for role in ServiceRole.allCases { _ = await end(role, SIGKILL) }
        await client.shutdown()
    }

    func json(_ role: ServiceRole, _ path: String) async throws -> JSONValue {
        try await client.get(url(role) + path).json()
    }

    /// All tasks in a state, page after page: their ids and amounts.
    func tasks(_ state: TaskState) async throws -> [String: Int64] {
        var result: [String: Int64] = [:]
        var cursor = ""
        while true {
            let page = try await json(.tasks, "/v1/tasks?status=\(state.rawValue)&limit=200&cursor=\(cursor)")
            for task in page["tasks"]?.array ?? [] {
                result[try #require(task["task_id"]?.string)] = try #require(task["amount"]?.integer)
            }
            guard let next = page["next_cursor"] else { return result }
            cursor = next.string ?? next.integer.map { "\($0)" } ?? ""
        }
    }

    /// Waits until every task is in a final state.
    func untilAllTasksEnd() async throws {
        try await eventually(within: .seconds(60), "every task is in a final state") {
            for state in TaskState.allCases where !state.isFinal {
                if try await !self.tasks(state).isEmpty { return false }
            }
            return true
        }
    }

    /// Holds the books against what callers were told, once every task has ended.
    func audit(promised: Set<String>) async throws {
        let integrity = try await client.get(url(.payments) + "/v1/integrity")
        #expect(integrity.status == .ok, "\(integrity.text)")
        let books = try integrity.json()
        #expect(books["sound"] == true)
        #expect(books["held_on_accounts"] == 0)
        #expect(books["held_by_reservations"] == 0)
        let settled = try await tasks(.settled)
        #expect(promised.subtracting(settled.keys).isEmpty, "a caller was told that these were settled")
        var spent: Int64 = 0
        for guild in 1...Self.guilds {
            let balance = try await json(.payments, "/v1/guilds/g-\(guild)/balance")
            spent += Self.openingBalance - (try #require(balance["available"]?.integer))
        }
        #expect(spent == settled.values.reduce(0, +))
        #expect(spent > 0)
    }
}

/// Sends tasks without end, of all guilds, sync and async, whatever becomes of them.
final class Pressure: Sendable {
    private let isOver = Atomic(false)
    private let next = Atomic(0)
    private let settled = Mutex<Set<String>>([])
    private let latest = Mutex<[String]>([])

    /// The last outcomes that were no success.
    var troubles: [String] { latest.withLock { $0 } }

    /// The tasks that callers were told were settled.
    var settledTasks: Set<String> { settled.withLock { $0 } }

    func stop() { isOver.store(true, ordering: .relaxed) }

    func run(_ fleet: Fleet, _ loop: EventLoop, workers: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { await self.work(fleet, loop) } }
        }
    }

    private func note(_ trouble: String) { latest.withLock { $0 = ($0 + [trouble]).suffix(8) } }

    private func work(_ fleet: Fleet, _ loop: EventLoop) async {
        while !isOver.load(ordering: .relaxed) {
            let number = next.add(1, ordering: .relaxed).oldValue
            // Whatever happens to a request while something is down is allowed; what counts is how the books end.
            var answer: HTTPClient.Response?
            do {
                answer = try await fleet.client.createTask(
                    fleet.url(.gateway), query: number % 3 == 0 ? "?mode=async" : "",
                    guild: "g-\(number % Fleet.guilds + 1)", amount: Int64(number % 50 + 1), size: 300,
                    key: "crash-\(number)")
                if let answer, !answer.status.isSuccess { note("\(number): \(answer.text)") }
            } catch {
                note("\(number): \(error)")
            }
            if answer?.status == .created, let id = try? answer?.json()["task_id"]?.string {
                _ = settled.withLock { $0.insert(id) }
            } else if answer?.status.isSuccess != true {
                // Nothing is gained by asking a dead service a thousand times a second.
                try? await loop.sleep(for: .milliseconds(10))
            }
        }
    }
}
