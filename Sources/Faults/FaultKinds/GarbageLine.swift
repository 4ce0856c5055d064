import FaultRules
import LogOutput

extension FaultDefinition {
    /// Writes garbage between log lines. Caught by verification rule 16 (lines are whole).
    static let garbageLine = FaultDefinition(
        "garbage-line", .correlation, brokenRule: 16,
        summary: "writes a line that is no JSON beside each line",
        .line { fault, line in
            fault.inject()
            // Neither JSON nor the text format, like output of a library that bypasses the logger.
            line.follow { _, _ in [.raw(Array("*** glibc detected *** {\"state\": half a line, \n".utf8))] }
        })
}

extension FaultKind { package static let garbageLine = FaultDefinition.garbageLine.kind }
