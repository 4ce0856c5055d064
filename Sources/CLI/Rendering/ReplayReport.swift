import FaultRules
import HTTP
import Replay
import ServiceKit
import Terminal
import TraceContext
import Verification

/// The result of a replay: both waterfalls, and their differences.
package struct ReplayReport {
    private let comparison: ReplayComparison
    private let plan: ReplayPlan
    private let logLines: [LogRecord]?

    /// - Parameter lines: the lines of both traces; `nil` to show none.
    package init(_ comparison: ReplayComparison, _ plan: ReplayPlan, lines: [LogRecord]?) {
        self.comparison = comparison
        self.plan = plan
        logLines = lines
    }

    package func lines(on terminal: Terminal) -> [StyledText] {
        lines(width: terminal.isInteractive ? terminal.width : nil, unicode: terminal.showsUnicode)
    }

    func lines(width: Int?, unicode: Bool) -> [StyledText] {
        var result = Self.head(plan)
        result.append("")
        result += SideBySide(
            left: (title("then", comparison.before), block(comparison.before, unicode)),
            right: (title("now", comparison.after), block(comparison.after, unicode))
        ).lines(width: width, unicode: unicode)
        result.append("")
        result += differences().lines(width: width)
        result.append("")
        result.append(
            comparison.isSame
                ? StyledText("the same outcome: the same answer, the same faults", .color(.green).bold)
                : StyledText("another outcome", .color(.red).bold))
        return result
    }

    /// A preview of the request that would be sent.
    package static func lines(_ plan: ReplayPlan, baseURL: String) -> [StyledText] {
        let request = plan.request(to: baseURL, token: nil)
        var result = head(plan)
        result.append("")
        result.append(StyledText("\(request.method) \(request.url)", .bold))
        result += request.headers.map { StyledText("\($0.name): \($0.value)") }
        if !request.body.isEmpty {
            result += ["", StyledText(String(decoding: request.body, as: UTF8.self))]
        }
        return result + ["", StyledText("nothing was sent", .dim)]
    }

    private static func head(_ plan: ReplayPlan) -> [StyledText] {
        var table = Table(["", ""])
        func row(_ name: String, _ text: StyledText) { table.append([StyledText(name, .dim), text]) }
        row("request", StyledText("\(plan.record.method) \(plan.record.uri)", .bold))
        row("decided by", StyledText(plan.decider.description))
        if plan.rulesThen.isEmpty { row("rules", "none were in force") }
        for (index, rule) in plan.rulesThen.enumerated() {
            row(
                index == 0 ? "rules" : "",
                StyledText(rule.rule.description) + (rule.isHit ? StyledText("  hit", .color(.red)) : "  not hit"))
        }
        if !plan.rulesThen.isEmpty || plan.bringsRules {
            row("", StyledText(plan.bringsRules ? "brought along: others are in force now" : "still in force", .dim))
        }
        return table.lines()
    }

    private func title(_ name: String, _ side: ReplayComparison.Side) -> StyledText {
        StyledText(name + "  ", .bold) + StyledText(side.traceID, .dim)
    }

    private func block(_ side: ReplayComparison.Side, _ unicode: Bool) -> SideBySide.Block {
        guard let trace = side.trace else { return { _ in [StyledText("no spans", .dim)] } }
        let lines = (logLines ?? []).filter { $0.traceID == trace.traceID }
        return { Waterfall(trace, lines: lines).render(width: $0, unicode: unicode, hasHeader: false) }
    }

    // MARK: Differences

    private func differences() -> Table {
        var table = Table(["", "then", "now", ""])
        let (before, after) = (comparison.before, comparison.after)
        func row(_ name: String, _ left: String, _ right: String, same: Bool) {
            table.append([
                StyledText(name, .dim), StyledText(left), StyledText(right),
                same ? StyledText("same", .color(.green)) : StyledText("differs", .color(.red)),
            ])
        }
        func note(_ name: String, _ left: String, _ right: String, _ text: String = "") {
            table.append([StyledText(name, .dim), StyledText(left), StyledText(right), StyledText(text, .dim)])
        }
        row("answer", before.statusText, after.statusText, same: comparison.isSameStatus)
        row("faults", before.faultsText, after.faultsText, same: comparison.areSameFaults)
        note("duration", before.duration?.short ?? "", after.duration?.short ?? "")
        note("spans", before.trace.map { "\($0.spans.count)" } ?? "", after.trace.map { "\($0.spans.count)" } ?? "")
        for count in comparison.spanCounts {
            let difference = count.after - count.before
            note(
                "  " + count.span, "\(count.before)", "\(count.after)",
                difference > 0 ? "\(difference) more" : "\(-difference) fewer")
        }
        for time in comparison.spanTimes {
            note("  " + time.span, time.before.short, time.after.short, "duration")
        }
        return table
    }
}
