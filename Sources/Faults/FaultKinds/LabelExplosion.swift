import Encoding
import FaultRules
import LogOutput
import Logging

extension FaultDefinition {
    /// Makes each request create a new stream in the log store. Caught by verification rule 18 (levels are known).
    static let labelExplosion = FaultDefinition(
        "label-explosion", .correlation, brokenRule: 18,
        summary: "writes lines with ever new values of what becomes a label",
        .line { fault, line in
            fault.inject()
            line.overrides.level = line.level.rawValue + "-" + Hex.string(fault.hit.decision.word(1)).prefix(8)
        })
}

extension FaultKind { package static let labelExplosion = FaultDefinition.labelExplosion.kind }
