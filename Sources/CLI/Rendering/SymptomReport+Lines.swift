import Incidents
import Terminal

extension SymptomReport {
    /// The report for people: a table of the symptoms, then what could not be measured, then a one-line summary.
    /// - Parameter width: the terminal's, in columns, to which longer rows are cut; `nil` for no limit.
    package func lines(width: Int? = nil) -> [StyledText] {
        var table = Table(["SYMPTOM", .right("MEASURED"), "EXPECTED", "", ""])
        for (index, result) in results.enumerated() {
            table.append([
                StyledText(id(index)), StyledText(result.measuredText), StyledText("\(result.symptom.expect)"),
                result.isSeen ? StyledText("ok", .color(.green)) : StyledText("failed", .color(.red).bold),
                StyledText(title(index), .dim),
            ])
        }
        let troubles = results.indices.compactMap { index -> StyledText? in
            guard case .failure(let trouble) = results[index].measured else { return nil }
            return StyledText("\(id(index)): \(trouble)", .color(.red))
        }
        return table.lines(width: width) + troubles + [
            "", StyledText(summary, .color(isPassed ? .green : .red).bold),
        ]
    }
}
