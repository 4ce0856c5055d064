import Encoding
import FaultRules
import Vocabulary

/// A line of a service's ledger, as far as runs are compared by it.
package struct LedgerLine: Sendable, Equatable {
    /// The trace that decided: behind a call whose context was cut off, that of the call.
    package var traceID: String?
    package var service: String
    package var operation: String?
    package var rule: String
    package var kind: String
    package var value: String?
    /// RFC 3339.
    package var time: String

    /// `nil` if the text is no line of a ledger.
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

    /// All that does not depend on when it happened; comparing it orders lines by trace, service and rule.
    fileprivate var key: [String] {
        [traceID ?? "", service, rule, operation ?? "", kind, value ?? ""]
    }
}

/// What all services' ledgers together say of one run, brought to a form that two runs of the same seed share: each
/// injection once, however often a retry brought it about, in the order of trace, service and rule, the time last.
package struct ReducedLedger: Sendable, Equatable {
    /// Sorted, without repetition; of equal ones the earliest.
    package let lines: [LedgerLine]
    /// How many lines were left out because their trace is none of the run's.
    package let foreign: Int

    /// - Parameter traces: those of the run's requests. What happened to other requests, such as those of someone who
    ///   looks around, is left out; what happened to a whole service is kept.
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

    /// How many injections each rule brought about, sorted by the rule's id.
    package var countsByRule: [(rule: String, count: Int)] {
        Dictionary(grouping: lines, by: \.rule).map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 }
    }

    /// NDJSON. `time` is the last member of each line, so that what two runs share is all before it.
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
