import Incidents
import Terminal
import Vocabulary
import Workload

extension RunReport {
    /// The report for people: one row per figure.
    package func lines() -> [StyledText] {
        let load = result.load
        var table = Table(["", ""], indent: 2)
        func row(_ name: String, _ text: String, _ style: Style = .plain) {
            table.append([StyledText(name, .dim), StyledText(text, style)])
        }
        row(
            "requests",
            "\(load.answered) of \(load.plan.count) answered, \(failures) not as a healthy system would")
        if number > 1 { row("run", "number \(number) of its seed here: other requests than the first") }
        row("latency", "p50 \(Self.text(load.latency.quantile(0.5))), p99 \(Self.text(load.latency.quantile(0.99)))")
        if !isHidden {
            let counts = ledger.countsByRule.map { "\($0.rule) \($0.count)" }
            row("injected", counts.isEmpty ? "nothing" : counts.joined(separator: ", "))
            row("ledger", "\(ledger.lines.count) lines, fingerprint \(ledger.fingerprint)")
        }
        for (role, count) in restarts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > 0 {
            row("restarted", "\(role) \(count == 1 ? "once" : "\(count) times")")
        }
        if result.unfinishedTasks > 0 {
            row("unfinished", "\(result.unfinishedTasks) tasks were still queued or under way", .color(.yellow))
        }
        switch result.isMoneySound {
        case true?: row("money", "the books are right")
        case false?: row("money", "the books of payments are wrong", .color(.red).bold)
        case nil: row("money", "payments could not be audited", .color(.red).bold)
        }
        return table.lines()
    }

    private static func text(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        let scaled = Int64((milliseconds * 10).rounded())
        return milliseconds < 100 ? "\(scaled / 10).\(scaled % 10) ms" : "\(Int64(milliseconds.rounded())) ms"
    }
}
