import FaultRules
import Vocabulary

/// Where an incident is played: running services, and the actions on them.
package protocol IncidentStage: Sendable {
    /// The base URLs of the services, without trailing slashes.
    var urls: [ServiceRole: String] { get }
    /// How often each service was restarted because it died.
    var restarts: [ServiceRole: Int] { get }
    /// Puts a rule, which has no times, in force for a whole service.
    func begin(_ rule: FaultRule) async throws
    func end(_ rule: FaultRule) async throws
    /// Replaces a service by another version of it, and returns once the new one is ready.
    func deploy(_ service: ServiceRole, version: String) async throws
}
