import FaultRules
import LogOutput
import Logging
import Vocabulary

extension FaultDefinition {
    /// Makes a request write far too many lines. Caught by verification rule 19 (no flood of lines) if the service's
    /// spans do not account for that many lines.
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
