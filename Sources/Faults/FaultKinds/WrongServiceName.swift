import FaultRules
import LogOutput

extension FaultDefinition {
    /// Writes the lines and spans of one service under different names. Caught by verification rule 6 (line's span
    /// exists).
    static let wrongServiceName = FaultDefinition(
        "wrong-service-name", .correlation, argument: .name(default: "unknown-service"), brokenRule: 6,
        summary: "writes lines under another service's name",
        .line { fault, line in
            guard case .name(let name) = fault.argument else { return }
            fault.inject()
            line.overrides.serviceName = name
        })
}

extension FaultKind { package static let wrongServiceName = FaultDefinition.wrongServiceName.kind }
