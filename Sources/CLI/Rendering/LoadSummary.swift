import HTTP
import Terminal
import Workload

/// A load's report for people.
package struct LoadSummary {
    package let report: LoadReport

    package init(report: LoadReport) {
        self.report = report
    }

    package func lines() -> [StyledText] {
        var lines: [StyledText] = []
        let plan = report.plan
        lines.append(
            StyledText("\(report.answered) of \(plan.count) requests answered", .bold)
                + " in \(report.duration.short), \(Duration.fixed(report.answerRate, 1)) a second, seed \(plan.seed)")
        lines.append("")
        lines += latencies().lines()
        lines.append("")
        lines += statuses().lines()
        let remarks = remarks()
        if !remarks.isEmpty { lines += [""] + remarks }
        let notable = NotableRequest.rows(slowest: report.slowest, firstFailure: report.firstFailure)
        if !notable.isEmpty { lines += [""] + notable }
        return lines
    }

    private func latencies() -> Table {
        var table = Table(["", .right("p50"), .right("p90"), .right("p99"), .right("max"), ""], indent: 2)
        func row(_ name: String, _ histogram: LatencyHistogram, _ note: String) {
            let quantiles = [0.5, 0.9, 0.99, 1].map { StyledText(histogram.quantile($0).short) }
            table.append([StyledText(name)] + quantiles + [StyledText(note, .dim)])
        }
        row("latency", report.latency, "from when a request was due")
        row("service time", report.serviceTime, "from when it was sent")
        return table
    }

    private func statuses() -> Table {
        var table = Table(["REQUESTS", "STATUS", .right("COUNT"), ""], indent: 2)
        for kind in RequestKind.allCases {
            for (code, count) in (report.statuses[kind] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let status = HTTPStatus(code: code)
                let isExpected = kind.expects(status)
                table.append([
                    StyledText(kind.rawValue), StyledText("\(status)", isExpected ? .plain : .color(.red)),
                    StyledText("\(count)"), isExpected ? "" : StyledText("not expected", .color(.red)),
                ])
            }
        }
        for (type, count) in report.errors.sorted(by: { $0.key < $1.key }) {
            table.append(["no answer", StyledText(type, .color(.red)), StyledText("\(count)")])
        }
        return table
    }

    private func remarks() -> [StyledText] {
        var remarks: [String] = []
        let concurrency = report.plan.concurrency
        if report.late > 0 {
            remarks.append(
                "\(report.late) were sent late because \(concurrency) were under way; their wait counts as latency")
        }
        if report.dropped > 0 {
            remarks.append("\(report.dropped) were given up because they would have been sent too late")
        }
        if report.wrongTraces > 0 {
            remarks.append("\(report.wrongTraces) answers named another trace than the request's")
        }
        if let complaint = report.spans?.complaint { remarks.append(complaint) }
        if report.isInterrupted { remarks.append("the load was ended before its plan") }
        return remarks.map { StyledText("  " + $0, .color(.yellow)) }
    }
}

extension NotableRequest {
    /// Requests worth looking at, with commands to copy: `slowest  812 ms  tailspan trace 0bc1…`.
    package static func rows(slowest: NotableRequest?, firstFailure: NotableRequest?, indent: Int = 2) -> [StyledText] {
        var table = Table(["", .right(""), ""], indent: indent)
        if let slowest {
            table.append([
                StyledText("slowest", .dim), StyledText(slowest.duration.short), StyledText(slowest.command),
            ])
        }
        if let firstFailure {
            table.append([
                StyledText("first failure", .dim), StyledText(firstFailure.outcome, .color(.red)),
                StyledText(firstFailure.command),
            ])
        }
        return table.rows.isEmpty ? [] : table.lines()
    }

    package var command: String { "tailspan trace \(traceID)" }
}
