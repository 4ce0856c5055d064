import Encoding
import FaultControl
import FaultRules
import QuerySupport

/// When faults were set or removed, for marks on the figures over time.
struct FaultChanges: Sendable {
    private struct Change {
        var time: UInt64
        var service: Int
        var rules: Set<String>
    }

    private var marks: [(time: UInt64, text: String)] = []

    /// Changes that are made within this time are one: a command sets the same rules in one service after the other.
    private static let span: UInt64 = 2_000_000_000

    /// The newest changes of each service that shows them, oldest first.
    static func histories(asking clients: [FaultControlClient]) async -> [[FaultPlanRecord]] {
        await clients.answers { client in
            // Changes of hidden faults would give them away. A service that does not answer is shown by its health.
            guard let state = try? await client.get(), !state.isHidden else { return nil }
            return try? await client.history()
        }
    }

    /// - Parameter histories: each service's changes, oldest first.
    init(_ histories: [[FaultPlanRecord]], _ range: ReadingRange) {
        let changes = histories.enumerated().flatMap { service, records in
            records.map { Change(time: $0.time, service: service, rules: Set($0.rules.map(\.rule))) }
        }.sorted { ($0.time, $0.service) < ($1.time, $1.service) }
        var rules: [Set<String>] = Array(repeating: [], count: histories.count)
        var before: Set<String> = []
        var index = 0
        while index < changes.count {
            let time = changes[index].time
            while index < changes.count, changes[index].time.minus(time) <= Self.span {
                rules[changes[index].service] = changes[index].rules
                index += 1
            }
            let after = rules.reduce(into: Set()) { $0.formUnion($1) }
            if after != before, range.contains(time) { marks.append((time, Self.text(after.count))) }
            before = after
        }
    }

    private static func text(_ count: Int) -> String {
        switch count {
        case 0: "all faults removed"
        case 1: "1 fault set"
        default: "\(count) faults set"
        }
    }

    func write(to json: inout JSONWriter) {
        json.array { json in
            for mark in marks {
                json.object {
                    $0.member("time", String(mark.time))
                    $0.member("text", mark.text)
                }
            }
        }
    }
}
