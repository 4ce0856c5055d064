import Encoding
import FaultRules
import Vocabulary

/// The part of a service's ledger line that runs are compared by.
package struct LedgerLine: Sendable, Equatable {
    /// The trace that decided; where a call's context was cut, the caller's trace.
    package var traceID: String?
    package var service: String
    package var operation: String?
    package var rule: String
    package var kind: String
    package var value: String?
    /// RFC 3339.
    package var time: String

    /// `nil` if the text is not a ledger line.
    package init?(_ text: String) {
        // A process that was killed may have left half a line.
        guard let json = try? JSONValue(parsing: text), let service = json[LogField.service]?.string,
            let rule = json["rule"]?.string, let kind = json["kind"]?.string, let time = json["time"]?.string
        else { return nil }
        traceID = json["replay_of"]?.string ?? json[LogField.traceID]?.string
        self.service = service
        operation = json[LogField.operation]?.string
        self.rule = rule
        self.kind = kind
        value = json["value"]?.string
        self.time = time
    }

    package init(_ entry: FaultLedger.Entry) {
        traceID = entry.replayOf ?? entry.traceID
        service = entry.service
        operation = entry.operation
        rule = entry.rule
        kind = entry.kind
        value = entry.value.isEmpty ? nil : entry.value
        time = RFC3339.string(nanosecondsSinceEpoch: entry.time)
    }

    /// Everything that does not depend on time; comparing it orders lines by trace, service and rule.
    fileprivate var key: [String] {
        [traceID ?? "", service, rule, operation ?? "", kind, value ?? ""]
    }
}

/// The ledgers of all services for one run, in a form that is the same for two runs of one seed: each injection once,
/// however many retries caused it, ordered by trace, service and rule, with the time last.
package struct ReducedLedger: Sendable, Equatable {
    /// Sorted, without duplicates; of equal lines the earliest.
    package let lines: [LedgerLine]
    /// How many lines were left out because their trace is not part of the run.
    package let foreign: Int

    /// - Parameter traces: the traces of the run's requests. Injections into other requests, such as those of someone
    ///   looking around, are left out; injections into a whole service are kept.
    package init(_ lines: some Sequence<LedgerLine>, traces: Set<String>) {
        var foreign = 0
        var first: [[String]: LedgerLine] = [:]
        for line in lines {
            guard line.traceID.map(traces.contains) ?? true else {
                foreign += 1
                continue
            }
            if let known = first[line.key], known.time <= line.time { continue }
            first[line.key] = line
        }
        self.lines = first.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        self.foreign = foreign
    }

    /// How many injections each rule caused, sorted by the rule's id.
    package var countsByRule: [(rule: String, count: Int)] {
        Dictionary(grouping: lines, by: \.rule).map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 }
    }

    /// NDJSON. `time` is the last member of each line, so everything before it is the same in both runs.
    package var text: String { lines.map { Self.line($0, withTime: true) + "\n" }.joined() }

    /// The lines without their times: byte for byte the same for two runs of the same seed.
    package var comparedText: String { lines.map { Self.line($0, withTime: false) + "\n" }.joined() }

    /// 16 hex digits that say whether two runs' ledgers agree (FNV-1a, 64 bits, of ``comparedText``).
    package var fingerprint: String {
        Hex.string(comparedText.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    private static func line(_ line: LedgerLine, withTime: Bool) -> String {
        var json = JSONWriter(capacity: 256)
        json.object {
            if let traceID = line.traceID { $0.member(LogField.traceID, traceID) }
            $0.member(LogField.service, line.service)
            if let operation = line.operation { $0.member(LogField.operation, operation) }
            $0.member("rule", line.rule)
            $0.member("kind", line.kind)
            if let value = line.value { $0.member("value", value) }
            if withTime { $0.member("time", line.time) }
        }
        return json.string
    }
}
