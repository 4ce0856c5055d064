import Encoding
import FaultControl
import FaultRules
import HTTP
import OTelSDK
import PocketStore
import QuerySupport
import SQLite
import Vocabulary

extension ConsoleReading {
    /// `GET state`: the services' health and faults, and how much is stored.
    func state() async throws -> Response {
        async let health = health.value()
        async let faults = faults.value()
        async let counts = counts.value()
        let playing = await sources.access.playing()
        let (states, set, stored) = try await (health, faults, counts)
        let isHidden = set.isHidden || playing?.isHidden ?? false
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("version", OTelSDK.version)
                $0.member("now", String(now))
                $0.member("canAct", sources.access.canAct)
                $0.name("services")
                $0.array { for state in states { $0.service(state) } }
                $0.name("faults")
                $0.object {
                    // A hidden fault's number would give it away, too.
                    $0.member("count", isHidden ? 0 : set.count)
                    $0.member("hidden", isHidden)
                    $0.optional("incident", playing?.title)
                }
                $0.optional("first", stored.first.map { String($0) })
                $0.member("lines", stored.lines)
                $0.member("traces", stored.traces)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func service(_ state: ServiceHealth.State) {
        object {
            $0.member("name", state.role.rawValue)
            $0.member("url", state.url)
            $0.member("ready", state.isReady)
            $0.member("detail", state.detail)
        }
    }

    /// A text, or `null`.
    mutating func optional(_ name: String, _ value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// A number, or `null`.
    mutating func optional(_ value: UInt64?) { if let value { self.value(value) } else { null() } }
}

/// The faults that are set in the services. A service that does not answer counts as having none.
struct ServiceFaults: Sendable {
    /// The rules, each counted once: a rule may be set in several services.
    var count: Int
    /// Whether any service does not show its faults.
    var isHidden: Bool

    init(asking clients: [FaultControlClient]) async {
        // A service that does not answer is shown by its health.
        let states = await clients.answers { try? await $0.get() }
        count = Set(states.flatMap { $0.rules.map(\.rule) }).count
        isHidden = states.contains { $0.isHidden }
    }
}

extension [FaultControlClient] {
    /// What the services answer to `ask`, in no particular order; without those that do not answer.
    func answers<T: Sendable>(_ ask: @escaping @Sendable (FaultControlClient) async -> T?) async -> [T] {
        await withTaskGroup(of: T?.self) { group in
            for client in self { group.addTask { await ask(client) } }
            var answers: [T] = []
            for await answer in group { if let answer { answers.append(answer) } }
            return answers
        }
    }
}

/// How much is stored.
struct StoredCounts: Sendable {
    /// The time of the oldest line or span, in nanoseconds since the Unix epoch; `nil` if there is none.
    var first: Int64?
    var lines = 0
    var traces = 0

    init(_ database: PocketDatabase) async throws {
        self = try await database.read { database, budget in
            try budget.check()
            var counts = StoredCounts()
            let times = try [
                database.first("SELECT min(time_ns) FROM log_lines") { $0.optionalInt64(0) },
                database.first("SELECT min(start) FROM spans") { $0.optionalInt64(0) },
            ]
            counts.first = times.compactMap { $0 ?? nil }.min()
            counts.lines = try database.first("SELECT count(*) FROM log_lines") { Int($0.int64(0)) } ?? 0
            // The index is ordered by this half of the id, which is random: no two traces share it.
            counts.traces = try database.first("SELECT count(DISTINCT trace_low) FROM spans") { Int($0.int64(0)) } ?? 0
            return counts
        }
    }

    private init() {}
}
