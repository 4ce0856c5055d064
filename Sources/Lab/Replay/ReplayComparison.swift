import Encoding
import FaultRules
import ServiceKit
import TraceContext
import Verification
import Vocabulary

/// The outcomes of a request and of its replay.
package struct ReplayComparison: Sendable {
    /// One of the two outcomes.
    package struct Side: Sendable {
        package var traceID: String
        /// `nil` if no answer was written.
        package var status: Int?
        /// How long the gateway took; `nil` if it did not say.
        package var duration: Duration?
        /// The ids of the rules that took effect, each with the sampled values where known.
        package var faults: [String: Set<String>]
        /// `nil` if the store does not have it.
        package var trace: TraceData?

        /// - Parameter ledger: the injections of this trace.
        init(record: JournalRecord, ledger: [FaultLedger.Entry], trace: TraceData?) {
            self.init(
                traceID: record.traceID, status: record.isWritten ? record.status : nil, duration: record.duration,
                ledger: ledger, trace: trace)
            for injection in record.injections { note(injection.rule, injection.value) }
        }

        init(
            traceID: String, status: Int?, duration: Duration?, ledger: [FaultLedger.Entry], trace: TraceData?
        ) {
            self.traceID = traceID
            self.status = status
            self.duration = duration
            self.trace = trace
            faults = [:]
            for entry in ledger { note(entry.rule, entry.value) }
            // A ledger is lost when its process ends; spans remain.
            for span in trace?.spans ?? [] {
                for id in (span.attribute(Attribute.faultID) ?? "").split(separator: ",") { note(String(id), "") }
            }
        }

        private mutating func note(_ rule: String, _ value: String) {
            faults[rule, default: []].formUnion(value.isEmpty ? [] : [value])
        }

        package var faultsText: String {
            faults.isEmpty
                ? "none"
                : faults.sorted { $0.key < $1.key }.map { id, values in
                    values.isEmpty ? id : id + "=" + values.sorted().joined(separator: "|")
                }.joined(separator: ", ")
        }
        package var statusText: String { status.map(String.init) ?? "none was written" }
    }

    /// A kind of span that occurs more or less often.
    package struct SpanCount: Sendable, Equatable {
        /// `payments POST /v1/reservations`
        package var span: String
        package var before: Int
        package var after: Int
    }

    /// Spans of one kind whose duration differs.
    package struct SpanTime: Sendable, Equatable {
        package var span: String
        package var before: Duration
        package var after: Duration
    }

    package let before: Side
    package let after: Side

    package var isSameStatus: Bool { before.status == after.status }

    /// Faults that hit only the original request.
    package var missingFaults: [String] { before.faults.keys.filter { after.faults[$0] == nil }.sorted() }
    package var newFaults: [String] { after.faults.keys.filter { before.faults[$0] == nil }.sorted() }
    /// Faults that hit both but sampled different values.
    package var changedFaults: [String] {
        before.faults.filter { id, values in
            guard let others = after.faults[id], !values.isEmpty, !others.isEmpty else { return false }
            return others != values
        }.keys.sorted()
    }

    package var areSameFaults: Bool { missingFaults.isEmpty && newFaults.isEmpty && changedFaults.isEmpty }

    /// Determines the exit code. Spans and times may differ: one more retry, a stored answer, another machine.
    package var isSame: Bool { isSameStatus && areSameFaults }

    /// The kinds of span that occur more or less often; empty if a trace is missing.
    package var spanCounts: [SpanCount] {
        guard let old = before.trace, let new = after.trace else { return [] }
        let (left, right) = (Self.byKind(old), Self.byKind(new))
        return Set(left.keys).union(right.keys).sorted().compactMap { name in
            let (before, after) = (left[name]?.count ?? 0, right[name]?.count ?? 0)
            return before == after ? nil : SpanCount(span: name, before: before, after: after)
        }
    }

    /// Kinds of span whose total durations differ by a factor of at least 1.5 and by at least 5 ms.
    package var spanTimes: [SpanTime] {
        guard let old = before.trace, let new = after.trace else { return [] }
        let (left, right) = (Self.byKind(old), Self.byKind(new))
        return left.keys.sorted().compactMap { name in
            guard let before = left[name], let after = right[name], before.count == after.count else { return nil }
            let (short, long) = (min(before.time, after.time), max(before.time, after.time))
            guard long - short >= 5_000_000, long * 2 >= short * 3 else { return nil }
            return SpanTime(
                span: name, before: .nanoseconds(Int64(clamping: before.time)),
                after: .nanoseconds(Int64(clamping: after.time)))
        }
    }

    /// Whether the new trace has everything that the old one has.
    static func isWhole(_ new: TraceData?, as old: TraceData?) -> Bool {
        guard let new, let old else { return false }
        let counts = byKind(new)
        return byKind(old).allSatisfy { name, spans in (counts[name]?.count ?? 0) >= spans.count }
    }

    private static func byKind(_ trace: TraceData) -> [String: (count: Int, time: UInt64)] {
        var result: [String: (count: Int, time: UInt64)] = [:]
        var seen: Set<String> = []
        for span in trace.spans where seen.insert(span.spanID).inserted {
            let (count, time) = result["\(span.service) \(span.name)"] ?? (0, 0)
            result["\(span.service) \(span.name)"] = (count + 1, time + span.durationNS)
        }
        return result
    }
}

extension ReplayComparison {
    package func write(_ plan: ReplayPlan, to json: inout JSONWriter) {
        json.object {
            $0.member("same", isSame)
            $0.name("request")
            $0.object {
                $0.member("method", plan.record.method)
                $0.member("uri", plan.record.uri)
            }
            $0.member("decided_by", plan.decider.description)
            $0.member("brings_rules", plan.bringsRules)
            plan.writeRules(to: &$0)
            $0.name("before")
            Self.write(before, to: &$0)
            $0.name("after")
            Self.write(after, to: &$0)
            $0.name("differences")
            $0.object {
                $0.member("status", !isSameStatus)
                for (name, ids) in [
                    ("missing_faults", missingFaults), ("new_faults", newFaults), ("changed_faults", changedFaults),
                ] {
                    $0.name(name)
                    $0.array { for id in ids { $0.value(id) } }
                }
                $0.name("spans")
                $0.array {
                    for count in spanCounts {
                        $0.object {
                            $0.member("span", count.span)
                            $0.member("before", count.before)
                            $0.member("after", count.after)
                        }
                    }
                }
            }
        }
    }

    private static func write(_ side: Side, to json: inout JSONWriter) {
        json.object {
            $0.member("trace_id", side.traceID)
            if let status = side.status { $0.member("status", status) }
            if let duration = side.duration { $0.member("duration_ms", duration.milliseconds) }
            $0.name("faults")
            $0.object {
                for (id, values) in side.faults.sorted(by: { $0.key < $1.key }) {
                    $0.name(id)
                    $0.array { for value in values.sorted() { $0.value(value) } }
                }
            }
            if let trace = side.trace { $0.member("spans", trace.spans.count) }
        }
    }
}

extension ReplayPlan {
    package func writeRules(to json: inout JSONWriter) {
        json.name("rules")
        json.array {
            for rule in rulesThen {
                $0.object {
                    $0.member("rule", rule.rule.description)
                    $0.member("hit", rule.isHit)
                }
            }
        }
    }
}
