import Arguments
import Configuration
import FaultControl
import FaultKinds
import FaultRules
import Vocabulary

/// The faults to start with: shared by the commands that start something.
struct FaultOptions: ArgumentContainer {
    @Option(
        "fault", value: "RULE",
        help: "A fault rule, such as payments.reserve:error=503,rate=30%; see 'tailspan fault kinds'.")
    var rules: [String] = []
    @Option("fault-seed", value: "SEED", help: "What faults are decided from, besides the rule and the trace.")
    var seed: UInt64?
    @Flag("hide-faults", help: "Has spans, lines, metrics and /readyz keep silent about faults: for students.")
    var hides

    func validate() throws(UsageError) {
        do { _ = try FaultRule.list(parsing: rules.joined(separator: "\n")) } catch {
            throw UsageError("--fault: \(error)")
        }
    }

    /// `environment` with the options applied. Rules are added to those of `FAULTS`.
    func applied(to environment: [String: String]) -> [String: String] {
        var environment = environment
        if !rules.isEmpty {
            let others = environment["FAULTS"].flatMap { $0.isEmpty ? nil : $0 + "\n" } ?? ""
            environment["FAULTS"] = others + rules.joined(separator: "\n")
        }
        if let seed { environment["FAULTS_SEED"] = "\(seed)" }
        if hides { environment["FAULTS_HIDDEN"] = "true" }
        return environment
    }

    /// The faults that services will read from `environment`.
    /// - Throws: `ConfigurationError` for values that they would reject.
    static func configuration(of environment: [String: String]) throws -> FaultConfiguration {
        try FaultConfiguration(role: .gateway, environment: Environment(environment), logDirectory: nil)
    }
}
