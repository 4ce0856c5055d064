import Encoding
import Workload

/// The report as one JSON object, for programs.
package enum JSONReport {
    package static func text(_ report: VerificationReport) -> String {
        var json = JSONWriter(capacity: 4096)
        json.object {
            $0.member("passed", report.isPassed)
            $0.member("verdict", report.verdict.rawValue)
            $0.member("summary", report.summary)
            $0.member("seed", String(report.seed))
            $0.member("started_at", RFC3339.string(nanosecondsSinceEpoch: report.startedAt))
            $0.member("duration_ms", Int64(report.duration / .milliseconds(1)))
            $0.member("incomplete_traces", report.openCount)
            $0.name("requests")
            $0.object { for (kind, count) in report.requests { $0.member(kind.rawValue, count) } }
            $0.member("spans", report.spanCount)
            $0.member("lines", report.lineCount)
            $0.member("linked_lines", report.linkedCount)
            if report.verdict != .incomplete, let percent = report.linkedPercent {
                $0.member("linked_percent", percent)
            }
            $0.member("violations", report.violationCount)
            NotableRequest.write(slowest: report.slowest, firstFailure: report.firstFailure, to: &$0)
            if let spans = report.spans {
                // `spans` already stands for the number of spans found.
                $0.name("root_spans")
                spans.write(to: &$0)
            }
            $0.name("rules")
            $0.array { for result in report.results { write(result, to: &$0) } }
            $0.name("surprises")
            $0.array {
                for surprise in report.surprises {
                    $0.object {
                        $0.member("request_id", surprise.requestID)
                        $0.member("what", surprise.what)
                    }
                }
            }
        }
        return json.string + "\n"
    }

    private static func write(_ result: RuleResult, to json: inout JSONWriter) {
        json.object {
            $0.member("number", result.rule.number)
            $0.member("name", result.rule.name)
            $0.member("explanation", result.rule.explanation)
            $0.member("checked", result.findings.checked)
            if let reason = result.findings.notChecked { $0.member("not_checked", reason) }
            if !result.findings.notes.isEmpty {
                $0.name("notes")
                $0.array { for note in result.findings.notes { $0.value(note) } }
            }
            $0.name("violations")
            $0.array {
                for violation in result.findings.violations {
                    $0.object {
                        $0.member("message", violation.message)
                        if let service = violation.service { $0.member("service", service) }
                        if let traceID = violation.traceID { $0.member("trace_id", traceID) }
                        if let spanID = violation.spanID { $0.member("span_id", spanID) }
                        if let line = violation.line { $0.member("line", line) }
                    }
                }
            }
        }
    }
}
