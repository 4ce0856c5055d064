import FaultRules
import Vocabulary

/// Where an incident is played: services that run, and what can be done to them.
package protocol IncidentStage: Sendable {
    /// Where the services are, without trailing slashes.
    var urls: [ServiceRole: String] { get }
    /// How often each service was started again because it died.
    var restarts: [ServiceRole: Int] { get }
    /// Puts a whole service under a rule, which has no times.
    func begin(_ rule: FaultRule) async throws
    func end(_ rule: FaultRule) async throws
    /// Replaces a service by another version of it, and returns once that is ready.
    func deploy(_ service: ServiceRole, version: String) async throws
}
