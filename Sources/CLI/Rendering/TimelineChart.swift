import Incidents
import Terminal

/// A timeline drawn as text: a ruler, and below it a line for each entry.
package struct TimelineChart {
    private let incident: Incident

    package init(_ incident: Incident) { self.incident = incident }

    /// - Parameters:
    ///   - width: the width of the bars.
    ///   - columns: the width of the terminal: a label that does not fit beside its bar goes below it.
    package func lines(width: Int = 48, columns: Int = .max, showsUnicode: Bool = true) -> [StyledText] {
        [StyledText(ruler(width), .dim)]
            + incident.timeline.flatMap { entry -> [StyledText] in
                let bar = bar(of: entry, width, showsUnicode)
                let label = label(of: entry)
                let isNarrow = bar.width + 2 + label.width > columns
                return isNarrow ? [bar, StyledText("  ") + label] : [bar + "  " + label]
            }
    }

    private func label(of entry: TimelineEntry) -> StyledText {
        switch entry.event {
        case .deploy(let service, let version): StyledText("\(service) \(version) is deployed")
        case .rule(let rule): StyledText("\(rule)")
        }
    }

    /// The times of the quarters, each above its position.
    private func ruler(_ width: Int) -> String {
        var text = ""
        for quarter in 0...4 {
            let column = width * quarter / 4
            let label = Self.label(incident.load.duration * quarter / 4)
            // The last label is aligned with the end of the chart.
            let start = quarter == 4 ? max(text.count, column - label.count) : column
            text += String(repeating: " ", count: max(0, start - text.count)) + label
        }
        return text
    }

    private static func label(_ time: Duration) -> String {
        let seconds = Int64((time / .milliseconds(100)).rounded())
        return seconds % 10 == 0 ? "\(seconds / 10)s" : "\(seconds / 10).\(seconds % 10)s"
    }

    private func bar(of entry: TimelineEntry, _ width: Int, _ showsUnicode: Bool) -> StyledText {
        let total = incident.load.duration / .microseconds(1)
        func column(_ time: Duration) -> Int { Int((time / .microseconds(1) / total * Double(width)).rounded()) }
        let start = min(column(entry.at), width - 1)
        let before = StyledText(String(repeating: showsUnicode ? "·" : ".", count: start), .dim)
        switch entry.event {
        case .deploy:
            let mark = StyledText(showsUnicode ? "▲" : "^", .color(.cyan))
            let after = StyledText(String(repeating: showsUnicode ? "·" : ".", count: width - start - 1), .dim)
            return before + mark + after
        case .rule:
            let end = max(start + 1, min(width, column(entry.end(within: incident.load.duration))))
            let bar = StyledText(String(repeating: showsUnicode ? "█" : "#", count: end - start), .color(.yellow))
            let after = StyledText(String(repeating: showsUnicode ? "·" : ".", count: width - end), .dim)
            return before + bar + after
        }
    }
}
