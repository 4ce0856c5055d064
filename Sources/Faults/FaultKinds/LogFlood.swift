import FaultRules
import LogOutput
import Logging
import Vocabulary

extension FaultDefinition {
    /// Has a request write far more than it should. Caught by rule 19, no flood of lines, if there are more lines than the rule
    /// explains by the service's spans.
    static let logFlood = FaultDefinition(
        "log-flood", .correlation, argument: .count(default: 100, 2...10_000), brokenRule: 19,
        summary: "writes so many extra lines",
        .line { fault, line in
            guard fault.inject() else { return }
            let count = fault.count
            line.follow { first, marks in
                (1...count).map { number in
                    var fields: Logger.Metadata = [
                        LogField.component: .string(LogComponent.httpServer), "number": .integer(Int64(number)),
                    ]
                    fields.merge(marks)
                    return .line(first.sibling("one of many lines", fields))
                }
            }
        })
}

extension FaultKind { package static let logFlood = FaultDefinition.logFlood.kind }
