import FaultRules
import LogOutput
import Logging
import Vocabulary

extension FaultDefinition {
    /// Writes a line that is too long for the log store. Caught by verification rule 16 (lines are whole) if it is
    /// longer than the store's limit of 256 KiB.
    static let hugeLine = FaultDefinition(
        "huge-line", .correlation, argument: .bytes(default: 300 << 10),
        least: FaultKind.Least(bytes: 4096, reason: "less is no huge line"), brokenRule: 16,
        summary: "writes a line of so many bytes, more than Loki takes",
        .line { fault, line in
            guard fault.inject() else { return }
            let (size, output) = (fault.bytes, line.output)
            line.follow { first, marks in
                func huge(_ payload: Int) -> LogLine {
                    var fields: Logger.Metadata = [LogField.component: .string(LogComponent.httpServer)]
                    fields.merge(marks)
                    fields["payload"] = .string(String(repeating: "x", count: payload))
                    return first.sibling("a huge line", fields)
                }
                return [.line(huge(max(1, size - output.size(of: huge(1)) + 1)))]
            }
        })
}

extension FaultKind { package static let hugeLine = FaultDefinition.hugeLine.kind }
