import Arguments
import Terminal
import Verification

/// The report for people: a table of the rules, then what is wrong, then a one-line summary.
package enum TextReport {
    /// - Parameters:
    ///   - detailLimit: how many violations of a rule are listed individually.
    ///   - width: the width of explanations, in columns.
    package static func lines(
        _ report: VerificationReport, detailLimit: Int = 10, width: Int = 100
    ) -> [StyledText] {
        // The indent takes two columns; longer lines than these are hard to read.
        let textWidth = min(width, 100) - 2
        var table = Table([.right("rule"), "", .right("checked"), .right("violations"), ""], indent: 2)
        for result in report.results {
            let findings = result.findings
            let count = findings.violations.count
            let verdict: StyledText =
                if count > 0 {
                    StyledText("violated", .color(.red).bold)
                } else if result.isSkipped {
                    StyledText("not checked", .color(.yellow))
                } else {
                    report.verdict == .incomplete
                        ? StyledText("so far", .color(.yellow)) : StyledText("ok", .color(.green))
                }
            table.append([
                StyledText("\(result.rule.number)"), StyledText(result.rule.name),
                StyledText(result.isSkipped ? "-" : "\(findings.checked)"),
                StyledText(result.isSkipped ? "-" : "\(count)", count > 0 ? .color(.red) : .plain), verdict,
            ])
        }
        var lines = table.lines() + notChecked(report.results, textWidth) + notes(report.results, textWidth)
        for result in report.results where !result.findings.violations.isEmpty {
            lines += ["", StyledText("rule \(result.rule.number), \(result.rule.name)", .bold)]
            lines += wrap(result.rule.explanation, textWidth).map { StyledText("  " + $0, .dim) }
            for violation in result.findings.violations.prefix(detailLimit) { lines += details(violation) }
            let more = result.findings.violations.count - detailLimit
            if more > 0 { lines.append(StyledText("  … and \(more) more; --format json lists them all", .dim)) }
        }
        lines.append("")
        if !report.surprises.isEmpty {
            let count = VerificationReport.count(report.surprises.count, "request")
            lines.append(StyledText("\(count) ended otherwise than planned", .color(.yellow)))
            for surprise in report.surprises.prefix(detailLimit) {
                lines.append(StyledText("  \(surprise.requestID): \(surprise.what)"))
            }
        }
        lines.append(
            StyledText(report.summary, report.verdict.style.bold) + StyledText("  (seed \(report.seed))", .dim))
        if report.verdict == .incomplete { lines.append("try a longer --deadline, and another seed") }
        return lines
    }

    /// Notes: worth knowing, but not violations.
    private static func notes(_ results: [RuleResult], _ width: Int) -> [StyledText] {
        results.flatMap { result in
            result.findings.notes.flatMap { note in
                wrap("by the way: \(result.rule.number): \(note)", width).map {
                    StyledText("  " + $0, .dim)
                }
            }
        }
    }

    /// Why rules were not checked, each reason once.
    private static func notChecked(_ results: [RuleResult], _ width: Int) -> [StyledText] {
        var reasons: [(text: String, rules: [String])] = []
        for result in results where result.isSkipped {
            let (text, number) = (result.findings.notChecked ?? "", "\(result.rule.number)")
            if let index = reasons.firstIndex(where: { $0.text == text }) {
                reasons[index].rules.append(number)
            } else {
                reasons.append((text, [number]))
            }
        }
        return reasons.flatMap { text, rules in
            wrap("not checked: \(rules.joined(separator: ", ")): \(text)", width).map {
                StyledText("  " + $0, .dim)
            }
        }
    }

    private static func details(_ violation: Violation) -> [StyledText] {
        var lines = [StyledText("  \(violation.service.map { $0 + ": " } ?? "")\(violation.message)")]
        var places: [String] = []
        if let traceID = violation.traceID { places.append("trace \(traceID)") }
        if let spanID = violation.spanID { places.append("span \(spanID)") }
        if !places.isEmpty { lines.append(StyledText("    " + places.joined(separator: "  "), .dim)) }
        if let line = violation.line { lines.append(StyledText("    " + line, .dim)) }
        return lines
    }
}

extension Verdict {
    /// The colour of the summary line.
    package var style: Style {
        switch self {
        case .passed: .color(.green)
        case .violated: .color(.red)
        case .incomplete: .color(.yellow)
        }
    }
}
