import Encoding
import Vocabulary
import Workload

/// Summary of a run.
package struct RunReport: Sendable {
    package var result: IncidentRun.Result
    package var ledger: ReducedLedger
    package var restarts: [ServiceRole: Int]
    /// The number of this run of its seed, from 1.
    package var number: Int
    /// Whether to conceal what went wrong.
    package var isHidden: Bool

    package init(
        result: IncidentRun.Result, ledger: ReducedLedger, restarts: [ServiceRole: Int], number: Int = 1, isHidden: Bool
    ) {
        self.result = result
        self.ledger = ledger
        self.restarts = restarts
        self.number = number
        self.isHidden = isHidden
    }

    /// How many requests ended differently from what a healthy system would answer.
    package var failures: Int { result.load.unexpected + result.load.failed + result.load.dropped }

    /// Whether the audit ran and found the books sound.
    package var isSound: Bool { result.isMoneySound == true }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("load")
            result.load.write(to: &json)
            json.member("failures", failures)
            // Rule names reveal what the rules do.
            if !isHidden {
                json.name("injected")
                json.object { for (rule, count) in ledger.countsByRule { $0.member(rule, count) } }
            }
            json.member("ledger_lines", ledger.lines.count)
            json.member("ledger_fingerprint", ledger.fingerprint)
            json.member("foreign_ledger_lines", ledger.foreign)
            json.name("restarts")
            json.object {
                for (role, count) in restarts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    $0.member(role.rawValue, count)
                }
            }
            json.member("unfinished_tasks", result.unfinishedTasks)
            json.name("money_sound")
            json.value(result.isMoneySound.map { JSONValue.bool($0) } ?? .null)
        }
    }

    /// NDJSON: the outcome of each request, in the plan's order.
    package var requestsText: String {
        var text = ""
        for outcome in result.outcomes {
            var json = JSONWriter(capacity: 256)
            json.object {
                $0.member("index", outcome.request.index)
                $0.member("at_ms", outcome.at)
                $0.member("kind", outcome.request.kind.rawValue)
                $0.member(LogField.traceID, outcome.request.traceID)
                if let status = outcome.status { $0.member("status", status) }
                if let error = outcome.error { $0.member("error", error) }
                $0.member("as_planned", outcome.isAsPlanned)
            }
            text += json.string + "\n"
        }
        return text
    }
}
